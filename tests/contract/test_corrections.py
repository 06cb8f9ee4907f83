"""Commands are carried out in the order of the journal, and a replay does not undo them."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.broker import Broker, Journal, Message
from services.command import Command, Delete, Erase, Rename, SetSettings, SetUnit
from services.errors import JournalFullError, StoreUnavailableError
from services.position import EntryId
from services.reading import MICROSECONDS, Reading
from services.store import Recorder
from services.store.corrections import MIN_CORRECTION_ROWS
from tests.support.databases import add_corrections
from tests.support.journals import JOURNAL, message, messages_between, with_bound
from tests.support.recordings import Recording, lose_newest_entries, raw_entries

SECOND = MICROSECONDS


def erase(start: int, end: int, series: str = "a") -> Erase:
    return Erase(series, start * SECOND, end * SECOND)


def readings(recording: Recording) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    query = "SELECT name, ts FROM readings JOIN series ON id = series_id ORDER BY ts"
    for name, ts in recording.rows(query):
        found.setdefault(name, []).append(ts // SECOND)
    return found


class TestOrder:
    """A command changes the readings before it, and not those after it."""

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            (Rename("a", "c"), {"c": [1, 2, 3], "b": [9], "a": [2, 5]}),
            (Delete("a"), {"b": [9], "a": [2, 5]}),
            (erase(2, 9), {"a": [1, 2, 5], "b": [9]}),
            (SetUnit("a", "V"), {"a": [1, 2, 3, 5], "b": [9]}),
            (SetSettings("a", {"label": "A"}), {"a": [1, 2, 3, 5], "b": [9]}),
        ],
    )
    @pytest.mark.parametrize("apart", [True, False])
    def test_command_changes_only_readings_before_it(
        self, recording: Recording, command: Command, expected: dict[str, list[int]], apart: bool
    ) -> None:
        recording.journal.publish([message(1, 2, 3), message(9, series="b")])
        if apart:
            recording.write()
        recording.journal.send_commands([command])
        if apart:
            recording.write()
        recording.journal.publish([message(2, 5)])
        recording.write()
        assert readings(recording) == expected
        assert recording.gaps() == []
        ((n, r),) = recording.rows("SELECT n, r FROM journal_position")
        assert (n, r) == (4, 6)
        assert recording.rows("SELECT refused FROM corrections") == [(None,)]

    def test_commands_of_one_call_are_carried_out_in_order(self, recording: Recording) -> None:
        recording.journal.publish([message(1, 2)])
        recording.journal.send_commands([SetUnit("a", "V"), Rename("a", "b"), erase(2, 2, "b")])
        recording.write()
        assert readings(recording) == {"b": [1]}
        assert recording.rows("SELECT name, unit FROM series") == [("b", "V")]
        assert recording.rows("SELECT n, r FROM journal_position") == [(4, 2)]

    def test_commands_among_many_entries_are_carried_out_in_order(
        self, recording: Recording
    ) -> None:
        for i in range(0, 200, 10):
            recording.journal.publish(messages_between(i, i + 10))
            recording.journal.send_commands([erase(i, i + 8)])
        recording.write()
        assert readings(recording) == {"a": list(range(9, 200, 10))}
        assert recording.gaps() == []

    def test_deleted_command_entry_is_a_gap_of_zero_readings(self, recording: Recording) -> None:
        recording.journal.publish([message(1)])
        recording.write()
        entry = recording.journal.send_commands([Delete("a")]).entry
        recording.journal.publish([message(2)])
        client: Any = recording.broker.client
        client.xdel(JOURNAL, str(entry))
        recording.write()
        assert [gap.lost_count for gap in recording.gaps()] == [0]

    def test_refused_command_is_logged_and_later_entries_are_stored(
        self, recording: Recording, caplog: pytest.LogCaptureFixture
    ) -> None:
        recording.journal.publish([message(1), message(2, series="b")])
        recording.journal.send_commands([Rename("a", "b"), Delete("nobody")])
        recording.journal.publish([message(3)])
        recording.write()
        assert readings(recording) == {"a": [1, 3], "b": [2]}
        refused = [reason for (reason,) in recording.rows("SELECT refused FROM corrections")]
        assert refused == ["there is a series 'b' already", "there is no series 'nobody'"]
        assert "refused: there is a series 'b' already" in caplog.text


class TestAppending:
    """A command is counted and bounded like a message."""

    def test_command_is_an_entry_without_readings(self, broker: Broker) -> None:
        journal = Journal(broker)
        journal.publish([message(1, 2)])
        cursor = journal.send_commands([Delete("a")])
        end = journal.end()
        assert (end.cursor, end.sequence, end.reading_count) == (cursor, 2, 2)
        entry = journal.read(EntryId(0, 0), 10).entries[1]
        assert (entry.kind, entry.text) == ("c", b'{"do":"delete","series":"a"}')

    def test_full_journal_refuses_commands(self, broker: Broker) -> None:
        journal = Journal(with_bound(broker, entries=2))
        journal.publish([message(1)])
        with pytest.raises(JournalFullError):
            journal.send_commands([Delete("a"), Delete("b")])
        assert journal.end().sequence == 1


class TestOnce:
    """No command is carried out twice."""

    def test_failed_commit_is_repeated(self, recording: Recording) -> None:
        recording.journal.publish([message(1, 2)])
        recording.write()
        recording.journal.send_commands([Delete("a")])
        recording.journal.publish([message(3)])
        with closing(sqlite3.connect(recording.path, isolation_level=None)) as file:
            file.execute("ALTER TABLE corrections RENAME TO hidden")
            with pytest.raises(StoreUnavailableError):
                recording.writer.write_batch()
            file.execute("ALTER TABLE hidden RENAME TO corrections")
        assert readings(recording) == {"a": [1, 2]}
        recording.write()
        assert readings(recording) == {"a": [3]}

    def test_command_is_not_carried_out_again_after_a_restart(self, recording: Recording) -> None:
        recording.journal.publish([message(1)])
        recording.journal.send_commands([Delete("a")])
        recording.journal.publish([message(2)])
        recording.write()
        recording.restart()
        recording.write()
        assert readings(recording) == {"a": [2]}

    def test_new_series_has_no_readings_of_a_deleted_one(self, recording: Recording) -> None:
        recording.journal.publish([message(*range(i, i + 500)) for i in range(0, 50_000, 500)])
        recording.write()
        recording.journal.send_commands([Delete("a")])
        recording.journal.publish([message(7), message(8, series="b")])
        recording.write()
        assert readings(recording) == {"a": [7], "b": [8]}
        assert recording.rows("SELECT count(*) FROM deleted") == [(1,)]
        recording.restart()
        recording.maintain()
        assert recording.rows("SELECT count(*) FROM deleted") == [(0,)]
        assert recording.rows("SELECT count(*) FROM readings") == [(2,)]
        assert readings(recording) == {"a": [7], "b": [8]}


class TestReplay:
    """A replay of the journal does not restore erased readings."""

    COMMANDS: tuple[tuple[Command, dict[str, list[int]]], ...] = (
        (Rename("a", "c"), {"c": [1, 2, 3], "b": [9], "a": [5]}),
        (Delete("a"), {"b": [9], "a": [5]}),
        (erase(2, 9), {"a": [1, 5], "b": [9]}),
    )

    @pytest.mark.parametrize(("command", "expected"), COMMANDS)
    @pytest.mark.parametrize("left", [1, 2, 3, 4])
    def test_replayed_entries_keep_their_corrections(
        self,
        recording: Recording,
        command: Command,
        expected: dict[str, list[int]],
        left: int,
    ) -> None:
        recording.journal.publish([message(1, 2, 3), message(9, series="b")])
        recording.journal.send_commands([command])
        recording.journal.publish([message(5), message(5)])
        recording.write()
        assert readings(recording) == expected
        lose_newest_entries(recording, left)
        recording.write()
        assert readings(recording) == expected
        assert len(recording.gaps()) == 1
        recording.journal.publish([message(6)])
        recording.write()
        expected = expected | {"a": [*expected["a"], 6]}
        assert readings(recording) == expected

    @pytest.mark.parametrize(("command", "expected"), COMMANDS)
    def test_writer_killed_during_a_replay_keeps_corrections(
        self, recording: Recording, command: Command, expected: dict[str, list[int]]
    ) -> None:
        recording.journal.publish([message(1, 2, 3), message(9, series="b")])
        recording.journal.send_commands([command])
        recording.journal.publish([message(5), message(5)])
        recording.write()
        lose_newest_entries(recording, 2)
        assert recording.writer.write_batch()
        recording.restart()
        recording.write()
        assert readings(recording) == expected

    def test_many_later_commands_do_not_bring_a_deleted_series_back(
        self, recording: Recording
    ) -> None:
        recording.journal.publish([message(1, 2, series="secret"), message(9, series="b")])
        recording.journal.send_commands([Delete("secret")])
        recording.write()
        with closing(sqlite3.connect(recording.path)) as file, file:
            add_corrections(file, range(MIN_CORRECTION_ROWS))
        recording.journal.send_commands([SetUnit("b", "V")])
        recording.write()
        lose_newest_entries(recording, 1)
        recording.write()
        assert readings(recording) == {"b": [9]}

    def test_start_without_a_replay_reads_no_corrections(
        self, recording: Recording, monkeypatch: pytest.MonkeyPatch
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
        assert readings(recording) == {"a": [3, 4], "b": [9]}

    @pytest.mark.parametrize("seed", range(4))
    def test_replays_change_nothing_in_any_order_of_commands_and_losses(
        self, recording: Recording, seed: int
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
                before = readings(recording)
                lose_newest_entries(recording, source.randint(1, len(raw_entries(recording))))
                recording.writer.write_batch()
                recording.restart()
                recording.write()
                assert readings(recording) == before

    def test_replayed_reading_does_not_restore_an_old_unit(self, recording: Recording) -> None:
        journal = recording.journal
        journal.publish(Message.of([Reading("a", SECOND, 1.0, "mV")]))
        journal.send_commands([SetUnit("a", "V")])
        journal.publish([message(2)])
        recording.write()
        lose_newest_entries(recording, 1)
        recording.write()
        assert recording.rows("SELECT unit FROM series") == [("V",)]

    def test_replay_keeps_settings(self, recording: Recording) -> None:
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

    def test_restored_backup_replays_commands(self, recording: Recording, tmp_path: Path) -> None:
        recording.journal.publish([message(1, 2, 3), message(9, series="b")])
        recording.write()
        with closing(sqlite3.connect(recording.path)) as file:
            file.execute("VACUUM INTO ?", [str(tmp_path / "backup.db")])
        recording.journal.send_commands([SetSettings("a", {"label": "A"})])
        recording.journal.send_commands([erase(2, 2), Delete("b"), Rename("a", "c")])
        recording.journal.publish([message(4)])
        recording.write()
        expected = {"c": [1, 3], "a": [4]}
        assert readings(recording) == expected
        recording.close()
        for part in recording.path.parent.glob(f"{recording.path.name}*"):
            part.unlink()
        shutil.copy(tmp_path / "backup.db", recording.path)
        recording.restart()
        recording.write()
        assert readings(recording) == expected
        assert recording.rows("SELECT label FROM series_settings") == [("A",)]
        assert recording.gaps() == []
