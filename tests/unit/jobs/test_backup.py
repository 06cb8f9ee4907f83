"""Conditions under which the scheduled backup is made."""

import time

import pytest

from services.jobs.backup import backup, has_backup_between, skip_reason
from services.position import Checkpoint, Cursor, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from services.store.backup.backups import Backups
from tests.support.databases import make_database, migrated_engine

NOW = 1_795_342_272


@pytest.fixture
def backups(settings: Settings) -> Backups:
    """The backups of an empty database."""
    make_database(settings)
    return Backups(settings, lambda: NOW * MICROSECONDS)


@pytest.fixture
def reading(settings: Settings, backups: Backups) -> None:  # noqa: ARG001 (makes the database)
    engine = migrated_engine(settings)
    recorder = Recorder(engine, "readings", lambda: NOW * MICROSECONDS)
    checkpoint = Checkpoint(Cursor("a", EntryId(1, 0)), 1, 1)
    recorder.commit(WriteBatch([Reading("a", 1, 1.0)]), checkpoint)
    engine.dispose()


@pytest.mark.usefixtures("reading")
def test_backup_is_found_in_its_interval_only(backups: Backups) -> None:
    assert not has_backup_between(backups, 0, NOW * 2)
    backups.create()
    assert has_backup_between(backups, NOW, NOW + 1)
    assert not has_backup_between(backups, NOW + 1, NOW + 2)
    assert not has_backup_between(backups, NOW - 1, NOW)


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("age_seconds", [0, 3_599])
def test_young_database_is_skipped(backups: Backups, age_seconds: int) -> None:
    assert "younger" in str(skip_reason(backups, NOW + age_seconds))


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("age_seconds", [3_600, -1, 10**6])
def test_old_database_and_one_from_the_future_are_not_skipped(
    backups: Backups, age_seconds: int
) -> None:
    assert skip_reason(backups, NOW + age_seconds) is None


def test_empty_database_is_skipped(backups: Backups) -> None:
    assert skip_reason(backups, NOW) == "the database is empty"


def test_missing_database_is_skipped(settings: Settings) -> None:
    assert "no database" in str(skip_reason(Backups(settings), NOW))


@pytest.mark.usefixtures("reading")
def test_date_that_lies_ahead_is_logged_with_a_hint(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    ahead = Backups(settings, lambda: 2_085_000_000 * MICROSECONDS).create()
    backup()
    sentence = f"date of {ahead.path} lies ahead: check the clock of this machine"
    assert sentence in [record.getMessage() for record in caplog.records]


@pytest.mark.usefixtures("reading")
def test_jobs_make_one_backup_in_ten_minutes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    now = int(time.time())
    for age_seconds in (700, -86_400):
        Backups(settings, lambda age=age_seconds: (now - age) * MICROSECONDS).create()  # type: ignore[misc]
    assert "path" in backup()
    assert backup() == {"skipped": True}
    assert "backup skipped: the last one is younger than ten minutes" in caplog.text
