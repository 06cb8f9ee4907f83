"""A replay of the journal does not undo commands that the database has carried out."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from services.broker import Message
from services.command import Command, Delete, Rename, SetSettings, SetUnit
from services.reading import MICROSECONDS, Reading
from services.store import Recorder
from services.store.corrections import MIN_CORRECTION_ROWS
from tests.support.databases import add_corrections
from tests.support.journals import erase, message
from tests.support.recordings import Recording, lose_newest_entries, raw_entries

COMMANDS: tuple[tuple[Command, dict[str, list[int]]], ...] = (
    (Rename("a", "c"), {"c": [1, 2, 3], "b": [9], "a": [5]}),
    (Delete("a"), {"b": [9], "a": [5]}),
    (erase(2, 9), {"a": [1, 5], "b": [9]}),
)


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
@pytest.mark.parametrize("left", [1, 2, 3, 4])
def test_replayed_entries_keep_their_corrections(
    recording: Recording,
    command: Command,
    expected: dict[str, list[int]],
    left: int,
) -> None:
    recording.journal.publish([message(1, 2, 3), message(9, series="b")])
    recording.journal.send_commands([command])
    recording.journal.publish([message(5), message(5)])
    recording.write()
    assert recording.stored_by_series() == expected
    lose_newest_entries(recording, left)
    recording.write()
    assert recording.stored_by_series() == expected
    assert len(recording.gaps()) == 1
    recording.journal.publish([message(6)])
    recording.write()
    expected = expected | {"a": [*expected["a"], 6]}
    assert recording.stored_by_series() == expected


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
def test_writer_killed_during_a_replay_keeps_corrections(
    recording: Recording, command: Command, expected: dict[str, list[int]]
) -> None:
    recording.journal.publish([message(1, 2, 3), message(9, series="b")])
    recording.journal.send_commands([command])
    recording.journal.publish([message(5), message(5)])
    recording.write()
    lose_newest_entries(recording, 2)
    assert recording.writer.write_batch()
    recording.restart()
    recording.write()
    assert recording.stored_by_series() == expected


def test_many_later_commands_do_not_bring_a_deleted_series_back(recording: Recording) -> None:
    recording.journal.publish([message(1, 2, series="secret"), message(9, series="b")])
    recording.journal.send_commands([Delete("secret")])
    recording.write()
    with closing(sqlite3.connect(recording.path)) as file, file:
        add_corrections(file, range(MIN_CORRECTION_ROWS))
    recording.journal.send_commands([SetUnit("b", "V")])
    recording.write()
    lose_newest_entries(recording, 1)
    recording.write()
    assert recording.stored_by_series() == {"b": [9]}


def test_start_without_a_replay_reads_no_corrections(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording.journal.publish([message(1, 2), message(9, series="b")])
    recording.journal.send_commands([Delete("a")])
    recording.write()
    lose_newest_entries(recording, 2)
    recording.journal.publish([message(3)])
    recording.write()
    # There may be a million of them, and each start would read them all.
    monkeypatch.delattr(Recorder, "replay_state")
    recording.restart()
    recording.journal.publish([message(4)])
    recording.write()
    assert recording.stored_by_series() == {"a": [3, 4], "b": [9]}


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3))]
)
def test_replays_change_nothing_in_any_order_of_commands_and_losses(
    recording: Recording, seed: int
) -> None:
    source = random.Random(seed)  # noqa: S311 (no secret)
    for second in range(1, 25):
        series, other = source.choice("abc"), source.choice("abc")
        if source.random() < 0.6:
            recording.journal.publish([message(second, series=series)])
        else:
            start = source.randrange(second)
            erasure = erase(start, start + source.randrange(4), series)
            commands: list[Command] = [
                Delete(series),
                Rename(series, other),
                SetSettings(series, {"decimals": second % 10}),
                erasure,
            ]
            recording.journal.send_commands([source.choice(commands)])
        if source.random() < 0.2:
            recording.write()
            before = recording.stored_by_series()
            lose_newest_entries(recording, source.randint(1, len(raw_entries(recording))))
            recording.writer.write_batch()
            recording.restart()
            recording.write()
            assert recording.stored_by_series() == before


def test_replayed_reading_does_not_restore_an_old_unit(recording: Recording) -> None:
    journal = recording.journal
    journal.publish(Message.of([Reading("a", MICROSECONDS, 1.0, "mV")]))
    journal.send_commands([SetUnit("a", "V")])
    journal.publish([message(2)])
    recording.write()
    lose_newest_entries(recording, 1)
    recording.write()
    assert recording.rows("SELECT unit FROM series") == [("V",)]


def test_replay_keeps_settings(recording: Recording) -> None:
    recording.journal.publish([message(1)])
    recording.journal.send_commands([SetSettings("a", {"label": "A", "decimals": 1})])
    recording.journal.send_commands([Rename("a", "b"), SetSettings("b", {"decimals": 2})])
    recording.journal.publish([message(2, series="b")])
    recording.write()
    settings = "SELECT name, label, decimals FROM series_settings JOIN series ON id = series_id"
    assert recording.rows(settings) == [("b", "A", 2)]
    lose_newest_entries(recording, 3)
    recording.restart()
    recording.write()
    assert recording.rows(settings) == [("b", "A", 2)]


def test_restored_backup_replays_commands(recording: Recording, tmp_path: Path) -> None:
    recording.journal.publish([message(1, 2, 3), message(9, series="b")])
    recording.write()
    with closing(sqlite3.connect(recording.path)) as file:
        file.execute("VACUUM INTO ?", [str(tmp_path / "backup.db")])
    recording.journal.send_commands([SetSettings("a", {"label": "A"})])
    recording.journal.send_commands([erase(2, 2), Delete("b"), Rename("a", "c")])
    recording.journal.publish([message(4)])
    recording.write()
    expected = {"c": [1, 3], "a": [4]}
    assert recording.stored_by_series() == expected
    recording.close()
    for part in recording.path.parent.glob(f"{recording.path.name}*"):
        part.unlink()
    shutil.copy(tmp_path / "backup.db", recording.path)
    recording.restart()
    recording.write()
    assert recording.stored_by_series() == expected
    assert recording.rows("SELECT label FROM series_settings") == [("A",)]
    assert recording.gaps() == []
