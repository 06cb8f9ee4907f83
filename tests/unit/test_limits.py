"""What is bounded, so that no flood fills the memory or the disk."""

import json
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.errors import MalformedError
from services.formats.json import decode_json, message_id
from services.formats.parsing import json_stream as formats
from services.formats.parsing.json_stream import CHUNK_BYTES, MAX_ITEM_CHARS, iterate_items
from services.formats.parsing.result import MAX_FAULTS
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch, database_path
from services.store.losses import MAX_REFUSED_ROWS
from tests.unit.conftest import NOW

POSITION = Checkpoint(Cursor("a", EntryId(9, 1)), 1, 1)

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def rows(settings: Settings) -> Rows:
    def ask(query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(database_path(settings))) as file:
            return file.execute(query).fetchall()

    return ask


def of(*names: str, ts: int = 1) -> WriteBatch:
    return WriteBatch([Reading(name, ts, 1.0) for name in names])


class TestSeries:
    """No more series than there may be."""

    @pytest.fixture
    def recorder(self, writing: Engine) -> Recorder:
        return Recorder(writing, "readings:journal", lambda: NOW, 3)

    def test_a_series_too_many_is_refused_and_the_others_go_on(
        self, recorder: Recorder, rows: Rows
    ) -> None:
        batches = [of("a", "b"), of("c", "d", "a", "e", ts=2), of("d", "c", ts=3)]
        results = [recorder.commit(batch, POSITION) for batch in batches]
        stored = "SELECT name, ts FROM readings JOIN series ON id = series_id ORDER BY ts, name"
        assert rows(stored) == [("a", 1), ("b", 1), ("a", 2), ("c", 2), ("c", 3)]
        assert rows("SELECT series, ts, value, at FROM refused ORDER BY rowid") == [
            ("d", 2, 1.0, NOW),
            ("e", 2, 1.0, NOW),
            ("d", 3, 1.0, NOW),
        ]
        ((reason,),) = rows("SELECT DISTINCT reason FROM refused")
        assert "STRIPCHART_MAX_SERIES" in reason
        assert [result.refused_count for result in results] == [0, 2, 1]
        assert recorder.checkpoint() == POSITION

    def test_what_is_refused_is_noted_in_the_transaction_of_the_position(
        self, recorder: Recorder, rows: Rows, settings: Settings
    ) -> None:
        recorder.commit(of("a", "b", "c"), POSITION)
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute(
                "CREATE TRIGGER no BEFORE UPDATE ON journal_position"
                " BEGIN SELECT RAISE(ABORT, 'not now'); END"
            )
        checkpoint = Checkpoint(Cursor("a", EntryId(10, 0)), 2, 2)
        with pytest.raises(Exception, match="not now"):
            recorder.commit(of("d"), checkpoint)
        assert rows("SELECT * FROM refused") == []
        with closing(sqlite3.connect(database_path(settings))) as file:
            file.execute("DROP TRIGGER no")
        assert recorder.commit(of("d"), checkpoint).refused_count == 1

    def test_a_cap_that_was_lowered_keeps_what_is_there(
        self, recorder: Recorder, writing: Engine, rows: Rows
    ) -> None:
        recorder.commit(of("a", "b", "c"), POSITION)
        lowered = Recorder(writing, "readings:journal", lambda: NOW, 1)
        for ts in (2, 3):
            lowered.commit(of("a", "b", "c", "d", ts=ts), POSITION)
        assert rows("SELECT count(*) FROM readings") == [(9,)]
        assert rows("SELECT DISTINCT series FROM refused") == [("d",)]

    def test_a_unit_of_a_refused_series_harms_nobody(self, recorder: Recorder, rows: Rows) -> None:
        recorder.commit(of("a", "b", "c"), POSITION)
        batch = WriteBatch([Reading("d", 1, 1.0, "V"), Reading("a", 1, 1.0, "A")])
        recorder.commit(batch, POSITION)
        assert rows("SELECT name, unit FROM series WHERE unit IS NOT NULL") == [("a", "A")]

    def test_a_flood_of_names_leaves_a_bounded_table(self, writing: Engine, rows: Rows) -> None:
        recorder = Recorder(writing, "readings:journal", lambda: NOW, 10)
        refused_count = 0
        for batch in range(4):
            names = [f"{batch}.{i}" for i in range(6_000)]
            refused_count += recorder.commit(of(*names), POSITION).refused_count
        assert rows("SELECT count(*) FROM series") == [(10,)]
        assert rows("SELECT count(*) FROM refused") == [(MAX_REFUSED_ROWS,)]
        assert rows("SELECT series FROM refused ORDER BY rowid DESC LIMIT 1") == [("3.5999",)]
        assert refused_count == 23_990

    def test_one_batch_of_more_than_is_kept(self, writing: Engine, rows: Rows) -> None:
        recorder = Recorder(writing, "readings:journal", lambda: NOW, 1)
        flood = of(*(str(i) for i in range(MAX_REFUSED_ROWS + 500)))
        result = recorder.commit(flood, POSITION)
        assert rows("SELECT count(*) FROM refused") == [(MAX_REFUSED_ROWS,)]
        assert result.refused_count == MAX_REFUSED_ROWS + 499


class TestItems:
    """A long text is read piece by piece, and means the same as if it were read whole."""

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(formats, "CHUNK_BYTES", 7)

    @pytest.mark.parametrize(
        "text",
        [
            "[]",
            " [ ] ",
            "{}",
            '[1,-2.5e+30,"a\\"b",null,true,[[1]],{"x":{}}]',
            '[ {"series" : "k\u00fcche", "value" : 21.5 } , {"series":"\U0001f600"} ]\n',
            '{"series":"a","value":1.25,"ts":1763793660.123456,"unit":"\u00b0C"}',
            '{"id":"x:1-0","readings":[{"series":"a"},{"series":"b"}],"n":7}',
            '{"readings":[]}',
            '{"readings":7,"series":"a","value":1}',
            "[NaN,Infinity,-Infinity]",
            "[" + "1" * 5_000 + "]",
        ],
    )
    def test_it_is_read_as_it_is(self, text: str) -> None:
        whole: list[Any] = list(formats._short(text.encode()))
        if isinstance(whole[0] if whole else None, dict) and text.startswith("{"):
            whole = [{k: v for k, v in whole[0].items() if k in formats._FIELDS}]
            if '"readings":[' in text:
                whole = list(formats._short(text.encode()))
        assert repr(list(iterate_items(text.encode()))) == repr(whole)

    documents = st.recursive(
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False)
        | st.integers()
        | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=12,
    )

    @given(st.lists(documents, max_size=6), st.sampled_from([None, 1]), st.booleans())
    def test_any_list(self, found: list[Any], indent: int | None, ascii_only: bool) -> None:
        text = json.dumps(found, indent=indent, ensure_ascii=ascii_only)
        if len(text) > 7:
            assert list(iterate_items(text.encode("utf-8", "surrogatepass"))) == found

    @pytest.mark.parametrize(
        "text",
        [
            b"[1,2,3,4,5,6,7,8,9",
            b"[1,2,3,4,5,6,7,8,9,]",
            b"[1,2,3,4,5 6,7,8,9]",
            b"[1,2,3,4,5,6,7,8,9]]",
            b"[1,2,3,4,5,6,7,8,9\xff]",
            b'["aaaaaaaaaaaaaaaaa\xc3"]',
            b'{"aaaaaaaaaaaaaaa":1,}',
            b'{"aaaaaaaaaaaaaaa" 1}',
            b"{aaaaaaaaaaaaaaaaaa:1}",
            b"{1:1,2:2,3:3,4:4,5:5}",
            b'"aaaaaaaaaaaaaaaaaaa"',
            b"123456789012345",
            b"                    ",
            b"[" * 100_000,
            b"[1," + b'{"a":' * 50_000,
        ],
    )
    def test_what_is_malformed_is_found_out(self, text: bytes) -> None:
        with pytest.raises(MalformedError):
            list(iterate_items(text))

    def test_an_item_has_a_bound(self) -> None:
        with pytest.raises(MalformedError, match="more than 1048576 characters"):
            list(iterate_items(b'["' + b"a" * 3 * MAX_ITEM_CHARS + b'"]'))


class TestTexts:
    """What a hostile text may cost."""

    def peak(self, text: bytes) -> int:
        tracemalloc.start()
        try:
            decode_json(text, NOW)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    @pytest.mark.long
    @pytest.mark.parametrize("item", [b"{}", b"1"])
    def test_garbage_takes_no_memory(self, item: bytes) -> None:
        count = CHUNK_BYTES // 2
        assert self.peak(b"[" + b",".join([item] * count) + b"]") < 1_000_000
        assert self.peak(b"\n".join([item] * count)) < 1_000_000

    def test_an_object_of_many_keys_takes_no_memory(self) -> None:
        keys = b",".join(b'"%d":[]' % i for i in range(60_000))
        assert self.peak(b'{"series":"a","value":1,' + keys + b"}") < 2_000_000

    def test_of_many_faults_the_first_are_kept_and_the_others_counted(self) -> None:
        text = b'[{"series":"a","value":1},' + b"7," * 1_500 + b'{"series":"b","value":1}]'
        decoded = decode_json(text, NOW)
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert [fault.item_index for fault in decoded.faults] == list(range(1, MAX_FAULTS + 1))
        assert decoded.omitted_fault_count == 500

    def test_a_reason_quotes_only_so_much(self) -> None:
        text = json.dumps({"series": "a", "value": 1, "ts": "x" * CHUNK_BYTES * 2})
        (fault,) = decode_json(text.encode(), NOW).faults
        assert fault.reason.startswith("ts can't be read")
        assert len(fault.reason) <= 200

    def test_lines_of_lists(self) -> None:
        text = b'{"series":"a","value":1}\n[{"series":"b","value":2},7]\n{"readings":[]}\nx'
        decoded = decode_json(text, NOW)
        assert [r.series for r in decoded.readings] == ["a", "b"]
        assert [fault.item_index for fault in decoded.faults] == [2, 3]

    def test_a_huge_text_is_not_searched_for_an_id(self) -> None:
        assert message_id(b'{"id":"x:1-0"}' + b" " * MAX_ITEM_CHARS) is None
