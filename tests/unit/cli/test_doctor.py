"""`stripchart doctor` with missing or broken parts: a line for each, without a traceback."""

import json
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from services.cli.main import main
from services.clock import now_microseconds
from services.position import Checkpoint, Cursor, EntryId, Gap
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path
from services.store.backup.backups import Backups
from tests.support.ports import free_port

Doctor = Callable[..., Result]
pytestmark = pytest.mark.redis

PARTS = [
    "settings", "redis", "journal", "writer", "database", "rollups", "losses", "backups", "disk",
    "files", "access", "web", "proxy", "jobs",
]  # fmt: skip


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Doctor:
    """Return a function that calls the command while no process runs."""
    for name, _default, _help in Settings.rows():
        monkeypatch.delenv(name, raising=False)
    settings_given = {
        "DATA_DIR": str(settings.data_dir),
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "PORT": str(free_port()),
    }

    def run(*options: str, **environment: str) -> Result:
        return CliRunner().invoke(main, ["doctor", *options], env=settings_given | environment)

    return run


def lines(answer: Result) -> dict[str, str]:
    """Check that each part has a line, and return state and text of each."""
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    words = [line.split(maxsplit=2) for line in answer.output.splitlines()]
    assert [part for _, part, _ in words] == PARTS
    assert answer.exit_code == int("wrong" in [state for state, _, _ in words])
    return {part: f"{state} {text}" for state, part, text in words}


@pytest.fixture
def store(writing: Engine) -> Callable[[WriteBatch, int], None]:
    """Return a function that stores a batch, at a time in microseconds."""

    def commit(batch: WriteBatch, now: int) -> None:
        recorder = Recorder(writing, "readings:journal", lambda: now, 2)
        recorder.commit(batch, Checkpoint(Cursor("e", EntryId(1, 0)), 1, 1))

    return commit


def test_every_part_is_reported_while_nothing_runs(doctor: Doctor) -> None:
    output = lines(doctor())
    assert output["settings"].startswith("ok the data is in /")
    assert output["redis"].startswith("wrong Redis can't be used")
    assert "start it, or set REDIS_URL" in output["redis"]
    for part in ("journal", "writer", "jobs"):
        assert output[part] == "warn not known while Redis does not answer"
    assert output["database"].startswith("wrong there is no database yet")
    for part in ("rollups", "losses", "access"):
        assert output[part] == "warn not known while the database can't be read"
    assert output["backups"] == "ok none yet"
    assert " free; the database takes 0.0 MB;" in output["disk"]
    assert output["web"].startswith("wrong nothing answers at http://127.0.0.1:")


def test_all_invalid_settings_are_reported_and_other_parts_checked(doctor: Doctor) -> None:
    output = lines(
        doctor(REDIS_URL="mail://x", PORT="99999", HOST="0.0.0.0", STRIPCHART_DURABLE="no")
    )
    assert output["settings"].startswith("wrong ")
    for part in (
        "PORT='99999' can't be used",
        "REDIS_URL can't be used",
        "-> set STRIPCHART_OPEN_NETWORK=yes to allow this",
        "STRIPCHART_DURABLE=no",
    ):
        assert part in output["settings"]


def test_other_database_than_sqlite_is_wrong(doctor: Doctor) -> None:
    output = lines(doctor(DATABASE_URL="postgresql://db/x"))
    assert "is no SQLite database" in output["database"]
    assert output["disk"].startswith("wrong DATABASE_URL=")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"This is no database." * 500, "the database is damaged: file is not a database"),
        (b"", "the file is not a database of Stripchart"),
    ],
)
def test_file_that_is_not_a_database_is_wrong(
    doctor: Doctor, settings: Settings, content: bytes, text: str
) -> None:
    settings.data_dir.mkdir()
    database_path(settings).write_bytes(content)
    output = lines(doctor("--thorough"))
    assert output["database"].startswith(f"wrong {text}")
    assert output["losses"].startswith("warn not known")


@pytest.mark.parametrize(
    ("revision", "text"),
    [
        ("0001", "its schema is 0001, but this version needs"),
        ("9999", "a newer version of Stripchart made its schema 9999"),
    ],
)
def test_schema_of_another_version_is_wrong(
    doctor: Doctor, file: sqlite3.Connection, revision: str, text: str
) -> None:
    file.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    file.commit()
    output = lines(doctor())
    assert output["database"].startswith(f"wrong {text}")


def test_sound_database_is_ok_with_growth_and_losses(
    doctor: Doctor, store: Callable[[WriteBatch, int], None], settings: Settings
) -> None:
    now = now_microseconds()
    store(WriteBatch([Reading("a", now - i * MICROSECONDS, 1.0) for i in range(600)]), now - 10**9)
    store(WriteBatch([Reading(name, now, 1.0) for name in "bc"], [Gap(1, 2, 12, "trimmed")]), now)
    output = lines(doctor("--thorough"))
    assert output["database"].startswith(f"ok {database_path(settings)}, 0.")
    assert output["database"].endswith("every page is sound")
    assert output["rollups"].startswith("ok 0 of 2 series are dense enough")
    assert "gaps in 24 hours: 1, the newest " in output["losses"]
    assert "UTC with 12 readings lost (trimmed) -> see the table gaps" in output["losses"]
    assert "1 readings refused -> see the table refused" in output["losses"]
    assert " a day, " in output["disk"]
    assert "of 28 bytes" in output["disk"]
    assert output["backups"] == "ok none yet"


def test_damaged_page_is_found_by_a_thorough_check(
    doctor: Doctor, store: Callable[[WriteBatch, int], None], settings: Settings, writing: Engine
) -> None:
    now = now_microseconds()
    store(WriteBatch([Reading("a", now + i, 1.0) for i in range(20_000)]), now)
    writing.dispose()
    path = database_path(settings)
    with path.open("r+b") as content:
        content.seek(path.stat().st_size - 3 * 4_096)
        content.write(b"\xff" * 4_096)
    assert lines(doctor())["database"].startswith("ok ")
    assert "it is damaged" in lines(doctor("--thorough"))["database"]


def test_backup_must_be_young_and_sound(
    doctor: Doctor, store: Callable[[WriteBatch, int], None], settings: Settings
) -> None:
    long_ago = now_microseconds() - 90 * 86_400 * MICROSECONDS
    store(WriteBatch([Reading("a", long_ago, 1.0)]), long_ago)
    assert lines(doctor())["backups"].startswith("warn there is none -> see the log of jobs")
    assert "none are made automatically" in lines(doctor(STRIPCHART_BACKUP_HOURS="0"))["backups"]
    old = Backups(settings, lambda: long_ago).create().path
    assert "warn the newest is 3 months old, 0." in lines(doctor())["backups"]
    Backups(settings).create()
    output = lines(doctor("--thorough"))["backups"]
    assert output.startswith("ok the newest is ")
    assert output.endswith("it is sound and has 1 readings")
    newest = Backups(settings).list_newest_first()[0].path
    newest.write_bytes(old.read_bytes()[:5_000])
    assert " is not sound: " in lines(doctor("--thorough"))["backups"]


def test_backup_dated_ahead_is_never_fresh(
    doctor: Doctor, store: Callable[[WriteBatch, int], None], settings: Settings
) -> None:
    now = now_microseconds()
    store(WriteBatch([Reading("a", now, 1.0)]), now)
    ahead = Backups(settings, lambda: now + 3_650 * 86_400 * MICROSECONDS).create().path
    output = lines(doctor())["backups"]
    assert output.startswith("warn the newest is of unknown age, ")
    assert " verified -> see the log of jobs, or run `stripchart backup`" in output
    assert f"the date of {ahead.name} lies ahead -> check the clock of this machine" in output
    listed = CliRunner().invoke(
        main, ["backup", "--list"], env={"DATA_DIR": str(settings.data_dir)}
    )
    assert "(this date lies ahead)" in listed.output
    Backups(settings).create()
    output = lines(doctor())["backups"]
    assert re.match(r"warn the newest is \d+ seconds old", output)
    assert f"the date of {ahead.name} lies ahead" in output


def test_low_disk_is_a_warning(doctor: Doctor) -> None:
    output = lines(doctor(STRIPCHART_LOW_DISK="999TB"))["disk"]
    assert output.startswith("warn ")
    assert "-> free disk space, or delete old readings with STRIPCHART_KEEP" in output


def test_json_has_the_same_findings(doctor: Doctor) -> None:
    answer = doctor("--json")
    document = json.loads(answer.output)
    assert answer.exit_code == 1
    assert document["ok"] is False
    assert [part["part"] for part in document["parts"]] == PARTS
    redis = document["parts"][1]
    assert redis["state"] == "wrong"
    assert redis["advice"] == ["start it, or set REDIS_URL"]


def test_folders_instead_of_files_are_wrong(doctor: Doctor, settings: Settings) -> None:
    settings.data_dir.mkdir()
    database_path(settings).mkdir()
    Path(f"{database_path(settings)}.lock").mkdir()
    output = lines(doctor())
    assert output["database"].startswith("wrong ")
    assert output["web"].startswith("wrong ")


def test_unexpected_error_is_reported_and_other_parts_checked(
    doctor: Doctor, store: Callable[[WriteBatch, int], None], file: sqlite3.Connection
) -> None:
    store(WriteBatch([Reading("a", now_microseconds(), 1.0)]), now_microseconds())
    file.execute("UPDATE journal_position SET id = 'nonsense'")
    file.commit()
    output = lines(doctor())
    assert output["database"].startswith("wrong the check failed: ValueError: not the id")
    assert " free; " in output["disk"]
    assert output["backups"] == "ok none yet"
    assert output["web"].startswith("wrong nothing answers")


def test_folder_instead_of_the_database_is_wrong(doctor: Doctor, settings: Settings) -> None:
    database_path(settings).mkdir(parents=True)
    assert lines(doctor())["database"].startswith("wrong ")


def test_locked_database_is_checked_without_waiting(
    doctor: Doctor, store: Callable[[WriteBatch, int], None], settings: Settings
) -> None:
    store(WriteBatch([Reading("a", now_microseconds(), 1.0)]), now_microseconds())
    with closing(sqlite3.connect(database_path(settings), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert lines(doctor())["database"].startswith("ok ")
        assert time.monotonic() - began < 20
