"""`stripchart doctor` where parts are missing or broken: a line for each, and never a traceback."""

import json
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
from services.settings import Settings, settings_table
from services.store import Recorder, WriteBatch, database_path
from services.store.backup.backups import Backups
from tests.support.ports import free_port

Doctor = Callable[..., Result]
PARTS = [
    "settings", "redis", "journal", "writer", "database", "rollups", "losses", "backups", "disk",
    "web", "jobs",
]  # fmt: skip


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Doctor:
    """The command, with no other settings than these and nothing running."""
    for name, _default, _help in settings_table():
        monkeypatch.delenv(name, raising=False)
    given = {
        "DATA_DIR": str(settings.data_dir),
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "PORT": str(free_port()),
    }

    def run(*options: str, **environment: str) -> Result:
        return CliRunner().invoke(main, ["doctor", *options], env=given | environment)

    return run


def lines(answer: Result) -> dict[str, str]:
    """The line of each part, without its name: there is one for each, in order."""
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    words = [line.split(maxsplit=2) for line in answer.output.splitlines()]
    assert [part for _, part, _ in words] == PARTS
    assert answer.exit_code == int("wrong" in [state for state, _, _ in words])
    return {part: f"{state} {text}" for state, part, text in words}


@pytest.fixture
def put(writing: Engine) -> Callable[[WriteBatch, int], None]:
    """Put a batch into the database, at a time in microseconds."""

    def commit(batch: WriteBatch, now: int) -> None:
        recorder = Recorder(writing, "readings:journal", lambda: now, 2)
        recorder.commit(batch, Checkpoint(Cursor("e", EntryId(1, 0)), 1, 1))

    return commit


def test_where_nothing_runs_every_part_says_so(doctor: Doctor) -> None:
    told = lines(doctor())
    assert told["settings"].startswith("ok the data is in /")
    assert told["redis"].startswith("wrong Redis can't be used")
    assert "start it, or set REDIS_URL" in told["redis"]
    for part in ("journal", "writer", "jobs"):
        assert told[part] == "look not known while Redis can't be asked"
    assert told["database"].startswith("wrong there is no database yet")
    for part in ("rollups", "losses"):
        assert told[part] == "look not known while the database can't be asked"
    assert told["backups"] == "ok none yet"
    assert " free; the database takes 0.0 MB;" in told["disk"]
    assert told["web"].startswith("wrong nothing answers at http://127.0.0.1:")


def test_wrong_settings_are_told_all_and_the_rest_is_checked(doctor: Doctor) -> None:
    told = lines(
        doctor(REDIS_URL="mail://x", PORT="99999", HOST="0.0.0.0", STRIPCHART_DURABLE="no")
    )
    assert told["settings"].startswith("wrong ")
    for part in (
        "PORT='99999' can't be used",
        "REDIS_URL can't be used",
        "-> set STRIPCHART_OPEN_NETWORK=yes to allow this",
        "STRIPCHART_DURABLE=no",
    ):
        assert part in told["settings"]


def test_a_database_that_is_none_of_sqlite(doctor: Doctor) -> None:
    told = lines(doctor(DATABASE_URL="postgresql://db/x"))
    assert "is no SQLite database" in told["database"]
    assert told["disk"].startswith("wrong DATABASE_URL=")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"This is no database." * 500, "the database is damaged: file is not a database"),
        (b"", "the file is no database of Stripchart"),
    ],
)
def test_a_file_that_is_no_database(
    doctor: Doctor, settings: Settings, content: bytes, text: str
) -> None:
    settings.data_dir.mkdir()
    database_path(settings).write_bytes(content)
    told = lines(doctor("--thorough"))
    assert told["database"].startswith(f"wrong {text}")
    assert told["losses"].startswith("look not known")


@pytest.mark.parametrize(
    ("revision", "text"),
    [("0001", "start the writer, which brings it up to date"), ("9999", "by a newer version")],
)
def test_a_schema_of_another_version(
    doctor: Doctor, file: sqlite3.Connection, revision: str, text: str
) -> None:
    file.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    file.commit()
    told = lines(doctor())
    assert told["database"].startswith(f"wrong its schema {'is ' * (revision == '0001')}{revision}")
    assert text in told["database"]


def test_a_sound_database_tells_its_growth_and_its_losses(
    doctor: Doctor, put: Callable[[WriteBatch, int], None], settings: Settings
) -> None:
    now = now_microseconds()
    put(WriteBatch([Reading("a", now - i * MICROSECONDS, 1.0) for i in range(600)]), now - 10**9)
    put(WriteBatch([Reading(name, now, 1.0) for name in "bc"], [Gap(1, 2, 12, "trimmed")]), now)
    told = lines(doctor("--thorough"))
    assert told["database"].startswith(f"ok {database_path(settings)}, 0.")
    assert told["database"].endswith("every page is sound")
    assert told["rollups"].startswith("ok 0 of 2 series are dense enough")
    assert "1 noted in 24 hours, the newest " in told["losses"]
    assert "UTC: 12 readings, because trimmed -> see the table gaps" in told["losses"]
    assert "1 readings refused -> see the table refused" in told["losses"]
    assert " a day, " in told["disk"]
    assert "of 28 bytes" in told["disk"]
    assert told["backups"] == "ok none yet"


def test_a_page_that_is_damaged_is_found_when_it_is_asked_for(
    doctor: Doctor, put: Callable[[WriteBatch, int], None], settings: Settings, writing: Engine
) -> None:
    now = now_microseconds()
    put(WriteBatch([Reading("a", now + i, 1.0) for i in range(20_000)]), now)
    writing.dispose()
    path = database_path(settings)
    with path.open("r+b") as content:
        content.seek(path.stat().st_size - 3 * 4_096)
        content.write(b"\xff" * 4_096)
    assert lines(doctor())["database"].startswith("ok ")
    assert "it is damaged" in lines(doctor("--thorough"))["database"]


def test_backups_are_to_be_young_and_sound(
    doctor: Doctor, put: Callable[[WriteBatch, int], None], settings: Settings
) -> None:
    long_ago = now_microseconds() - 90 * 86_400 * MICROSECONDS
    put(WriteBatch([Reading("a", long_ago, 1.0)]), long_ago)
    assert lines(doctor())["backups"].startswith("look there is none -> see the log of jobs")
    assert "none are made by themselves" in lines(doctor(STRIPCHART_BACKUP_HOURS="0"))["backups"]
    old = Backups(settings, lambda: long_ago).create().path
    assert "look the newest is 3 months old, 0." in lines(doctor())["backups"]
    Backups(settings).create()
    told = lines(doctor("--thorough"))["backups"]
    assert told.startswith("ok the newest is ")
    assert told.endswith("it is sound, with 1 readings")
    newest = Backups(settings).list_newest_first()[0].path
    newest.write_bytes(old.read_bytes()[:5_000])
    assert " is not sound: " in lines(doctor("--thorough"))["backups"]


def test_a_disk_that_gets_full(doctor: Doctor) -> None:
    told = lines(doctor(STRIPCHART_LOW_DISK="999TB"))["disk"]
    assert told.startswith("look ")
    assert "-> make room, or let old readings go by STRIPCHART_KEEP" in told


def test_json_for_programs(doctor: Doctor) -> None:
    answer = doctor("--json")
    document = json.loads(answer.output)
    assert answer.exit_code == 1
    assert document["ok"] is False
    assert [part["part"] for part in document["parts"]] == PARTS
    redis = document["parts"][1]
    assert redis["state"] == "wrong"
    assert redis["advice"] == ["start it, or set REDIS_URL"]


def test_folders_in_the_place_of_files(doctor: Doctor, settings: Settings) -> None:
    settings.data_dir.mkdir()
    database_path(settings).mkdir()
    Path(f"{database_path(settings)}.lock").mkdir()
    told = lines(doctor())
    assert told["database"].startswith("wrong ")
    assert told["web"].startswith("wrong ")


def test_what_nobody_thought_of_is_told_and_the_others_are_checked(
    doctor: Doctor, put: Callable[[WriteBatch, int], None], file: sqlite3.Connection
) -> None:
    put(WriteBatch([Reading("a", now_microseconds(), 1.0)]), now_microseconds())
    file.execute("UPDATE journal_position SET id = 'nonsense'")
    file.commit()
    told = lines(doctor())
    assert told["database"].startswith("wrong it could not be checked: ValueError: not the id")
    assert " free; " in told["disk"]
    assert told["backups"] == "ok none yet"
    assert told["web"].startswith("wrong nothing answers")


def test_a_folder_in_place_of_the_database(doctor: Doctor, settings: Settings) -> None:
    database_path(settings).mkdir(parents=True)
    assert lines(doctor())["database"].startswith("wrong ")


def test_a_writer_that_holds_a_lock_is_not_waited_for(
    doctor: Doctor, put: Callable[[WriteBatch, int], None], settings: Settings
) -> None:
    put(WriteBatch([Reading("a", now_microseconds(), 1.0)]), now_microseconds())
    with closing(sqlite3.connect(database_path(settings), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert lines(doctor())["database"].startswith("ok ")
        assert time.monotonic() - began < 20
