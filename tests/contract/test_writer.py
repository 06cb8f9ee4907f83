"""The writer moves each reading from the journal into the database exactly once."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import fakeredis
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.broker import Broker, Message
from services.cli.supervise.fake_server import new_fake_server
from services.errors import StoreUnavailableError
from services.formats.line_protocol import decode_lines
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from tests.support.journals import JOURNAL, STATE, message, messages_between
from tests.support.recordings import Recording


class TestWriteBatch:
    """Everything in the journal is stored."""

    def test_empty_journal_sets_the_first_checkpoint(self, recording: Recording) -> None:
        recording.write()
        assert recording.stored() == []
        assert recording.gaps() == []
        ((epoch, n),) = recording.rows("SELECT epoch, n FROM journal_position")
        assert (epoch, n) == (recording.journal.epoch(), 0)

    def test_published_readings_are_stored(self, recording: Recording) -> None:
        recording.write()
        recording.journal.publish([message(1, 2, 3), message(4, series="b")])
        recording.write()
        assert recording.rows("SELECT series, value FROM readings_utc ORDER BY value") == [
            ("a", 1.0),
            ("a", 2.0),
            ("a", 3.0),
            ("b", 4.0),
        ]
        assert recording.gaps() == []

    @pytest.mark.parametrize("foreign", [False, True])
    def test_points_of_line_protocol_are_stored(self, recording: Recording, foreign: bool) -> None:
        recording.write()
        decoded = decode_lines(b"a,b=c\\,d e=1 1000\nplain value=2 1000", MICROSECONDS)
        recording.journal.publish(Message.of(decoded.readings, decoded.points))
        if foreign:
            # An entry of another tool makes the writer decode one by one.
            client: Any = recording.broker.client
            client.xadd(JOURNAL, {"m": b'{"readings":[{"series":"x","ts":1,"value":1}]}'})
        recording.write()
        rows = recording.rows("SELECT name, tags FROM series WHERE name != 'x' ORDER BY name")
        assert rows == [
            ("a,b=c,d e", '{"measurement":"a","field":"e","tags":{"b":"c,d"}}'),
            ("plain", '{"measurement":"plain","field":"value","tags":{}}'),
        ]

    def test_readings_published_before_the_first_start_are_stored(
        self, recording: Recording
    ) -> None:
        recording.journal.publish(messages_between(0, 5))
        recording.write()
        assert recording.stored() == list(range(5))
        assert recording.gaps() == []

    def test_many_entries_need_several_batches(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 2_500))
        batches = 1
        while recording.writer.write_batch():
            batches += 1
        assert recording.stored() == list(range(2_500))
        assert batches > 2
        ((n, r),) = recording.rows("SELECT n, r FROM journal_position")
        assert (n, r) == (2_500, 2_500)

    def test_restarted_writer_continues_at_the_checkpoint(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 30))
        recording.writer.write_batch()
        before = recording.stored()
        assert 0 < len(before) < 30
        # A reading that is written again would replace this value.
        with closing(sqlite3.connect(recording.path)) as file:
            file.execute("UPDATE readings SET value = -1")
            file.commit()
        recording.restart()
        recording.write()
        assert recording.stored() == list(range(30))
        again = recording.rows("SELECT ts FROM readings WHERE value = -1 ORDER BY ts")
        assert [ts // MICROSECONDS for (ts,) in again] == before
        assert recording.gaps() == []

    def test_write_batch_returns_false_at_the_end(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 3))
        recording.write()
        assert recording.writer.write_batch() is False
        assert recording.writer.write_batch() is False

    def test_failed_commit_is_repeated(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 3))
        recording.write()
        recording.journal.publish(messages_between(3, 6))
        with closing(sqlite3.connect(recording.path, isolation_level=None)) as file:
            file.execute("ALTER TABLE readings RENAME TO hidden")
            with pytest.raises(StoreUnavailableError):
                recording.writer.write_batch()
            file.execute("ALTER TABLE hidden RENAME TO readings")
        recording.write()
        assert recording.stored() == list(range(6))
        assert recording.gaps() == []

    def test_restored_backup_replays_later_readings(
        self, recording: Recording, tmp_path: Path
    ) -> None:
        recording.journal.publish(messages_between(0, 5))
        recording.write()
        with closing(sqlite3.connect(recording.path)) as file:
            file.execute("VACUUM INTO ?", [str(tmp_path / "backup.db")])
        recording.journal.publish(messages_between(5, 9))
        recording.write()
        recording.close()
        for part in recording.path.parent.glob(f"{recording.path.name}*"):
            part.unlink()
        shutil.copy(tmp_path / "backup.db", recording.path)
        recording.restart()
        recording.write()
        assert recording.stored() == list(range(9))
        assert recording.gaps() == []


class TestMalformed:
    """Malformed entries become dead letters and stop nothing."""

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"m": "not JSON at all"}, "not JSON"),
            ({"m": b"\xff"}, "not UTF-8"),
            ({"m": "[" * 100_000}, "nested too deeply"),
            ({"m": '{"readings":[],"x":' + "[" * 100_000}, "nested too deeply"),
            ({"m": '{"readings":[{"series":"b","value":1}]}'}, "ts is missing"),
            ({"m": '{"readings":[{"series":"b","ts":1,"value":1e999}]}'}, "finite"),
            ({"c": "a command from the future"}, "not a message that this version knows"),
            ({"hello": "world"}, "not a message that this version knows"),
        ],
    )
    @pytest.mark.parametrize("numbered", [True, False])
    def test_malformed_entry_becomes_a_dead_letter(
        self, recording: Recording, fields: dict[str, bytes | str], reason: str, numbered: bool
    ) -> None:
        recording.journal.publish(messages_between(0, 2))
        client: Any = recording.broker.client
        if numbered:
            fields = fields | {"n": "3", "r": "3", "b": "200"}
            client.hset(STATE, mapping={"n": 3, "r": 3, "b": 200})
        client.xadd(JOURNAL, fields)
        recording.journal.publish(messages_between(2, 4))
        recording.write()
        assert recording.stored() == [0, 1, 2, 3]
        assert recording.gaps() == []
        ((_, why, source),) = recording.dead_letters()
        assert reason in why
        assert source == "journal"

    def test_malformed_reading_does_not_affect_its_message(self, recording: Recording) -> None:
        text = message(1, 2).text[:-2] + b',{"series":"","ts":3,"value":1}]}'
        recording.journal.publish([Message(3, text), message(4)])
        recording.write()
        assert recording.stored() == [1, 2, 4]
        assert recording.dead_letters() == [(text, "series must not be empty", "journal")]
        assert recording.gaps() == []

    def test_entry_of_another_tool_before_the_first_one_is_no_gap(
        self, recording: Recording
    ) -> None:
        recording.journal.open()
        recording.broker.client.xadd(JOURNAL, {"hello": "world"})
        recording.journal.publish(messages_between(0, 2))
        recording.write()
        assert recording.stored() == [0, 1]
        assert recording.gaps() == []

    @pytest.mark.parametrize("n", ["9" * 5_000, "9" * 19, "-1", "1.5", "x", ""])
    def test_forged_sequence_number_does_not_stop_the_writer(
        self, recording: Recording, n: str
    ) -> None:
        recording.journal.publish(messages_between(0, 2))
        recording.write()
        recording.broker.client.xadd(JOURNAL, {"m": message(2).text, "n": n, "r": n})
        recording.journal.publish(messages_between(3, 5))
        recording.write()
        assert recording.stored() == [0, 1, 2, 3, 4]

    @pytest.mark.parametrize("n", [1, 3])
    def test_repeated_sequence_number_is_no_gap(self, recording: Recording, n: int) -> None:
        recording.journal.publish(messages_between(0, 2))
        recording.write()
        recording.broker.client.xadd(JOURNAL, {"m": message(2).text, "n": n, "r": n})
        recording.write()
        recording.journal.publish(messages_between(3, 5))
        recording.write()
        assert recording.stored() == [0, 1, 2, 3, 4]
        assert recording.gaps() == []


series = st.sampled_from(["a", "b", "c"])
reading_strategy = st.builds(
    Reading,
    series,
    st.integers(0, 5).map(lambda second: second * MICROSECONDS),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)
# Readings to publish, or what the writer does: write a batch, or crash.
events = st.lists(
    st.lists(reading_strategy, min_size=1, max_size=30) | st.sampled_from(["write", "crash"]),
    max_size=15,
)


@hypothesis_settings(max_examples=hypothesis_settings().max_examples // 3)
@given(events)
def test_database_holds_the_last_value_of_every_time(
    story: list[list[Reading] | str],
) -> None:
    folder = Path(mkdtemp())
    settings = Settings.from_environ({"DATA_DIR": str(folder)})
    recording = Recording(Broker(fakeredis.FakeRedis(server=new_fake_server()), settings))
    expected: dict[tuple[str, int], float] = {}
    for event in story:
        if event == "write":
            recording.writer.write_batch()
        elif event == "crash":
            recording.restart()
        else:
            readings = [r for r in event if isinstance(r, Reading)]
            recording.journal.publish([m for r in readings for m in Message.of([r])])
            expected |= {(r.series, r.ts): r.value for r in readings}
    recording.write()
    rows = recording.rows("SELECT name, ts, value FROM readings JOIN series ON id = series_id")
    assert {(name, ts): value for name, ts, value in rows} == expected
    assert recording.gaps() == []
    recording.close()
    shutil.rmtree(folder)
