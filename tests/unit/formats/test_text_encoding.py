"""Texts in any usual encoding, with any line breaks, decode to the same readings."""

import codecs
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.parsing.result import Fault
from services.formats.parsing.table.options import TableOptions
from services.formats.text_encoding import Utf8Converter, check_encoding, detect_encoding
from services.formats.text_stream import TextOptions, TextStream
from services.reading import Reading

NOW = 1_795_342_272_123_456
TS = 1_785_684_600_000_000
DEFAULTS = TextOptions()
CHUNK_SIZES = (1, 2, 3, 5, 1_000)

JSON = '{"series":"Küche","value":21.5,"unit":"°C","ts":1785684600}'
POINT = "Küche value=21.5 1785684600000000000"


def decode(
    data: bytes, chunk_bytes: int, options: TextOptions = DEFAULTS
) -> tuple[list[Reading], list[Fault], TextStream]:
    """Decode a text in chunks."""
    stream = TextStream(options, clock=lambda: NOW)
    results = [
        stream.feed(data[start : start + chunk_bytes]) for start in range(0, len(data), chunk_bytes)
    ]
    results.append(stream.finish())
    return (
        [reading for result in results for reading in result.readings],
        [fault for result in results for fault in result.faults],
        stream,
    )


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "sign"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
@pytest.mark.parametrize(
    ("lines", "readings"),
    [
        ([JSON, "", JSON], [Reading("Küche", TS, 21.5, "°C")] * 2),
        ([POINT, POINT, ""], [Reading("Küche", TS, 21.5)] * 2),
        (["a value=1 1", POINT], [Reading("a", 0, 1.0), Reading("Küche", TS, 21.5)]),
    ],
)
def test_text_in_any_encoding_is_decoded(  # noqa: PLR0917
    lines: list[str],
    readings: list[Reading],
    encoding: str,
    sign: bytes,
    line_break: str,
    chunk_bytes: int,
) -> None:
    if not sign and encoding != "utf-8" and "Küche value" in lines[0]:
        lines = ["# a comment", *lines]
    data = sign + line_break.join(lines).encode(encoding)
    decoded, faults, stream = decode(data, chunk_bytes)
    assert (decoded, faults) == (readings, [])
    assert stream.encoding == encoding
    is_noted = "read as Windows-1252, because it is not UTF-8" in stream.notes
    assert is_noted == (encoding == "cp1252")


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_of_any_kind_are_counted_once(line_break: str, chunk_bytes: int) -> None:
    lines = ["a value=1 1", "bad", "", POINT, "bad", ""]
    _, faults, _ = decode(line_break.join(lines).encode(), chunk_bytes)
    assert [fault.item_index for fault in faults] == [1, 4]


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
def test_line_that_is_not_utf8_is_refused_in_a_text_that_is(chunk_bytes: int) -> None:
    bad = POINT.encode("cp1252")
    data = b"\n".join([POINT.encode(), bad, JSON.encode("cp1252"), POINT.encode()])
    decoded, faults, _ = decode(data, chunk_bytes)
    assert decoded == [Reading("Küche", TS, 21.5)] * 2
    assert [fault.item_index for fault in faults] == [1, 2]
    assert faults[0].reason == "not UTF-8"


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
@pytest.mark.parametrize("second", [POINT.encode(), b"K\x81che value=1 1", b"\xe4\xc3\xa4 v=1 1"])
def test_line_that_contradicts_windows_1252_is_refused(second: bytes, chunk_bytes: int) -> None:
    windows = POINT.encode("cp1252")
    decoded, faults, _ = decode(b"\n".join([windows, second, windows]), chunk_bytes)
    assert decoded == [Reading("Küche", TS, 21.5)] * 2
    assert [fault.item_index for fault in faults] == [1]
    assert faults[0].reason.startswith("not Windows-1252, as the rest of the text")


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
def test_byte_order_mark_of_each_part_is_dropped(chunk_bytes: int) -> None:
    part = codecs.BOM_UTF8 + JSON.encode() + b"\r\n"
    assert decode(part * 3, chunk_bytes)[:2] == ([Reading("Küche", TS, 21.5, "°C")] * 3, [])


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
@pytest.mark.parametrize("name", ["cp850", "latin-1", "utf-16", "shift_jis", "utf-8"])
def test_given_encoding_is_used(name: str, chunk_bytes: int) -> None:
    text = JSON if name != "shift_jis" else JSON.replace("Küche", "台所")
    options = TextOptions(encoding=check_encoding(name))
    decoded, faults, _ = decode(text.encode(name), chunk_bytes, options)
    series = "台所" if name == "shift_jis" else "Küche"
    assert (decoded, faults) == ([Reading(series, TS, 21.5, "°C")], [])


@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
def test_character_that_is_none_refuses_only_its_line(chunk_bytes: int) -> None:
    half_of_a_pair = b"\x3d\xd8"
    data = f"a value=1 0\na,b=X value=1 1\n{POINT}\n".encode("utf-16")
    data = data.replace("X".encode("utf-16-le"), half_of_a_pair)
    decoded, faults, _ = decode(data, chunk_bytes)
    assert decoded == [Reading("a", 0, 1.0), Reading("Küche", TS, 21.5)]
    assert faults == [
        Fault(1, "not UTF-16-LE, as the rest of the text (--encoding names another one)")
    ]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"", "utf-8"),
        (b"abc", "utf-8"),
        ("°C ä".encode(), "utf-8"),
        ("°C ä".encode("cp1252"), "cp1252"),
        ("°C".encode() + "ä".encode("cp1252"), "utf-8"),
        (b"\x81 \xe4", "utf-8"),
        ("ä".encode()[:1], "cp1252"),
        ("a,b".encode("utf-16"), None),
        ("a,b".encode("utf-16-be"), None),
    ],
)
@pytest.mark.parametrize("chunk_bytes", CHUNK_SIZES)
def test_encoding_of_whole_text_is_detected(
    data: bytes, encoding: str | None, chunk_bytes: int
) -> None:
    chunks: Iterable[bytes] = (
        data[start : start + chunk_bytes] for start in range(0, len(data), chunk_bytes)
    )
    assert detect_encoding(chunks) == encoding


@given(st.binary(), st.integers(1, 4))
def test_any_bytes_are_converted_the_same_in_chunks(data: bytes, chunk_bytes: int) -> None:
    whole = Utf8Converter()
    expected = whole.feed(data) + whole.feed(b"", is_last=True)
    converter = Utf8Converter()
    parts = [
        converter.feed(data[start : start + chunk_bytes])
        for start in range(0, len(data), chunk_bytes)
    ]
    assert b"".join(parts) + converter.feed(b"", is_last=True) == expected
    assert b"\r" not in expected


@pytest.mark.parametrize("name", ["utf-9", "base64", "rot13", "", "\0"])
def test_unknown_encoding_is_refused(name: str) -> None:
    with pytest.raises(MalformedError, match="unknown encoding"):
        check_encoding(name)


def test_given_windows_1252_is_used_for_every_line() -> None:
    options = TextOptions(encoding="cp1252", table=TableOptions(is_file=True))
    data = "Ã¼ value=1 1785684600000000000\n".encode("cp1252")
    assert [reading.series for reading in decode(data, 7, options)[0]] == ["Ã¼"]
