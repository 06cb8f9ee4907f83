"""The JSON reader yields the same items whether it reads a text in chunks or at once."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.parsing.json_stream import iterate_items

CHUNK_BYTES = 7

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        " [ ] ",
        '[1,-2.5e+30,"a\\"b",null,true,[[1]],{"x":{}}]',
        '[ {"series" : "k\u00fcche", "value" : 21.5 } , {"series":"\U0001f600"} ]\n',
        '{"series":"a","value":1.25,"ts":1763793660.123456,"unit":"\u00b0C"}',
        '{"id":"x:1-0","readings":[{"series":"a"},{"series":"b"}],"n":7}',
        '{"readings":[]}',
        '{"time":1,"readings":[{"series":"a"},{"series":"b","ts":1}]}',
        '{"readings":[{"series":"b","ts":1}],"time":1}',
        "[NaN,Infinity,-Infinity]",
        "[" + "1" * 5_000 + "]",
    ],
)
def test_text_in_chunks_has_same_items_as_whole_text(text: str) -> None:
    document = text.encode()
    in_chunks = list(iterate_items(document, CHUNK_BYTES))
    # NaN differs from itself, so compare how the items are written.
    assert repr(in_chunks) == repr(list(iterate_items(document, len(document))))


@pytest.mark.parametrize("text", ["{}", '{"readings":7,"series":"a","value":1,"room":[1]}'])
def test_object_in_chunks_keeps_only_keys_of_reading(text: str) -> None:
    document = json.loads(text)
    expected = {key: document[key] for key in ("series", "value") if key in document}
    assert list(iterate_items(text.encode(), 1)) == [expected]


@given(st.lists(json_values, max_size=6), st.sampled_from([None, 1]), st.booleans())
def test_any_list_in_chunks_yields_its_elements(
    elements: list[Any], indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(elements, indent=indent, ensure_ascii=ascii_only)
    document = text.encode("utf-8", "surrogatepass")
    if len(document) > CHUNK_BYTES:
        assert list(iterate_items(document, CHUNK_BYTES)) == elements


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
def test_malformed_text_in_chunks_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedError):
        list(iterate_items(text, CHUNK_BYTES))


@pytest.mark.parametrize("start", [b'["', b'{"series":"'])
def test_item_above_maximum_length_is_refused(start: bytes) -> None:
    with pytest.raises(MalformedError, match="more than 65536 characters"):
        list(iterate_items(start + b"a" * 300_000 + b'"', CHUNK_BYTES))


def test_object_with_many_keys_is_refused() -> None:
    text = b"{" + b",".join(b'"%d":1' % number for number in range(50_000)) + b"}"
    with pytest.raises(MalformedError, match="more than 1000 keys"):
        list(iterate_items(text, CHUNK_BYTES))
