"""Plain lines are decoded together only if each line is one. Parts of different lines never mix."""

import pytest

from services.broker import Message
from services.formats.line_protocol import decode_lines, decode_plain_text
from services.formats.parsing.field_series import FieldKey, FieldSeriesCache
from services.formats.parsing.plain_lines import decode_plain_lines
from services.reading import Reading, ReadingBatch

KNOWN: dict[FieldKey, tuple[str, str | None]] = {
    (b"a,host=x", b"load"): ("a,host=x load", None),
    (b"k", b"v"): ("k v", "°C"),
    (b"5", b"v"): ("5 v", None),
    # A field with an empty unit.
    (b"k", b"v\n"): ("k v", None),
}
ANY_TS = (1, 10**18)


def decode(*lines: bytes, ts_range: tuple[int, int] = ANY_TS) -> ReadingBatch[str] | None:
    return decode_plain_lines(lines, KNOWN, "ns", ts_range)


def test_plain_lines_are_columns() -> None:
    batch = decode(b"a,host=x load=1.5 1499", b"k v=-2e3 1500", b"5 v=7 2000000")
    assert batch is not None
    assert list(map(Reading, batch.series, batch.ts, batch.value, batch.unit)) == [
        Reading("a,host=x load", 1, 1.5),
        Reading("k v", 2, -2000.0, "°C"),
        Reading("5 v", 2000, 7.0),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        # Together they have as many parts as two plain lines.
        (b"k v=1", b"5000 k v=2 7000"),
        (b"k v=1 7000 k", b"v=2 7000"),
        # The same with the parts of a field, and with numbers.
        (b"k v=1=v 7000", b"k 2 7000"),
        (b"k v 7000", b"k 1=v=2 7000"),
        (b"k v=1,2 7000", b"k v= 7000"),
        (b"k v= 7000", b"k v=1,2 7000"),
        (b"k v=1 7000,8000", b"k v=1 "),
        (b"k v=1,2 7000",),
        (b"k v=1 7000,8000",),
        (b"k v=1],[2 7000",),
        (b"k v=[1 7000", b"k v=2] 7000"),
    ],
)
def test_parts_of_lines_never_mix(lines: tuple[bytes, ...]) -> None:
    assert decode(*lines) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"#",
        b"k v=1",
        b"k v=1 ",
        b"k v=1i 7000",
        b"k v=t 7000",
        b"k v=NaN 7000",
        b"k v=1e999 7000",
        b"k v=1,v=2 7000",
        b"k w=1 7000",
        b" k v=1 7000",
        b"k  v=1 7000",
        b"k v=1 7000.5",
        b"k v=1 -7000",
        b"k v=1 0",
        b"k v=1 99999999999999999999999",
    ],
)
def test_any_line_that_is_not_plain_leaves_all_to_the_grammar(line: bytes) -> None:
    assert decode(b"k v=1 7000", line, b"k v=1 7000") is None


def test_times_outside_of_the_range_are_left_to_the_grammar() -> None:
    for ts_range in ((8, 10), (1, 6)):
        assert decode(b"k v=1 7000", ts_range=ts_range) is None
    assert decode(b"k v=1 7000", ts_range=(7, 7)) is not None


def test_plain_text_makes_the_messages_that_other_texts_make() -> None:
    text = b"\n".join(b"k,b=1,a=2 v=%d.5 %d000" % (i, 10**13 + i) for i in range(2_500))
    cache, now = FieldSeriesCache(), 2 * 10**13
    assert decode_plain_text(text, now, cache=cache) is None
    decoded = decode_lines(text, now, cache=cache)
    batches = decode_plain_text(text, now, cache=cache)
    assert batches is not None
    messages = list(map(Message.of_batch, batches))
    assert [message.reading_count for message in messages] == [1_000, 1_000, 500]
    assert messages == Message.of(decoded.readings, decoded.points)
