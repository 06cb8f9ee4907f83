"""Commands are carried out in the order of the journal, once, and counted like messages."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from services.broker import Broker, Journal
from services.command import Command, Delete, Rename, SetSettings, SetUnit
from services.errors import JournalFullError, StoreUnavailableError
from services.position import EntryId
from tests.support.journals import JOURNAL, erase, message, messages_between, with_bound
from tests.support.recordings import Recording


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
        assert recording.stored_by_series() == expected
        assert recording.gaps() == []
        ((n, r),) = recording.rows("SELECT n, r FROM journal_position")
        assert (n, r) == (4, 6)
        assert recording.rows("SELECT refused FROM corrections") == [(None,)]

    def test_commands_of_one_call_are_carried_out_in_order(self, recording: Recording) -> None:
        recording.journal.publish([message(1, 2)])
        recording.journal.send_commands([SetUnit("a", "V"), Rename("a", "b"), erase(2, 2, "b")])
        recording.write()
        assert recording.stored_by_series() == {"b": [1]}
        assert recording.rows("SELECT name, unit FROM series") == [("b", "V")]
        assert recording.rows("SELECT n, r FROM journal_position") == [(4, 2)]

    def test_commands_among_many_entries_are_carried_out_in_order(
        self, recording: Recording
    ) -> None:
        for i in range(0, 200, 10):
            recording.journal.publish(messages_between(i, i + 10))
            recording.journal.send_commands([erase(i, i + 8)])
        recording.write()
        assert recording.stored_by_series() == {"a": list(range(9, 200, 10))}
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
        assert recording.stored_by_series() == {"a": [1, 3], "b": [2]}
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
        assert recording.stored_by_series() == {"a": [1, 2]}
        recording.write()
        assert recording.stored_by_series() == {"a": [3]}

    def test_command_is_not_carried_out_again_after_a_restart(self, recording: Recording) -> None:
        recording.journal.publish([message(1)])
        recording.journal.send_commands([Delete("a")])
        recording.journal.publish([message(2)])
        recording.write()
        recording.restart()
        recording.write()
        assert recording.stored_by_series() == {"a": [2]}

    def test_new_series_has_no_readings_of_a_deleted_one(self, recording: Recording) -> None:
        recording.journal.publish([message(*range(i, i + 500)) for i in range(0, 50_000, 500)])
        recording.write()
        recording.journal.send_commands([Delete("a")])
        recording.journal.publish([message(7), message(8, series="b")])
        recording.write()
        assert recording.stored_by_series() == {"a": [7], "b": [8]}
        assert recording.rows("SELECT count(*) FROM deleted") == [(1,)]
        recording.restart()
        recording.maintain()
        assert recording.rows("SELECT count(*) FROM deleted") == [(0,)]
        assert recording.rows("SELECT count(*) FROM readings") == [(2,)]
        assert recording.stored_by_series() == {"a": [7], "b": [8]}
