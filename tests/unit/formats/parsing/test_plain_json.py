"""Plain readings in JSON: decoded as by `decode_json`, or left to it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.broker import Message
from services.formats.json import decode_json
from services.formats.parsing.plain_json import decode_plain_json
from services.reading import MAX_EXACT_SECONDS, MICROSECONDS, Reading
from tests.support.json import NOW

READING = '{"series":"a","value":1.5,"ts":2.25}'
OTHER = '{"ts":3,"series":"b","value":-2,"unit":"°C"}'


def decode_checked(text: bytes) -> list[Reading] | None:
    """Decode a plain text. Compare the result with that of `decode_json`."""
    batches = decode_plain_json(text, NOW)
    if batches is None:
        return None
    expected = decode_json(text, NOW)
    assert not expected.faults
    assert list(map(Message.of_batch, batches)) == Message.of(expected.readings)
    return expected.readings


@pytest.mark.parametrize(
    "text",
    [
        f"[{READING},{OTHER}]",
        f" [ {READING} ,\n {OTHER} ]\n",
        f'{{"readings":[{READING},{OTHER}]}}',
        f"{READING}\n{OTHER}\n",
        f"{READING}\r\n\r\n{OTHER}",
    ],
    ids=["list", "list with spaces", "message", "lines", "lines and a blank one"],
)
def test_plain_readings_are_decoded(text: str) -> None:
    assert decode_checked(text.encode()) == [
        Reading("a", 2_250_000, 1.5),
        Reading("b", 3_000_000, -2.0, "°C"),
    ]


def test_many_readings_make_messages_of_a_thousand() -> None:
    readings = [{"series": f"s{i % 3}", "value": i, "ts": i / 10} for i in range(2_500)]
    batches = decode_plain_json(json.dumps(readings).encode(), NOW)
    assert batches is not None
    assert list(map(len, batches)) == [1_000, 1_000, 500]
    assert decode_checked(json.dumps(readings).encode()) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"readings":[]}',
        '{"series":"a","value":1}',
        '{"series":"a","value":1,"ts":null}',
        '{"series":"a","value":1,"ts":"2026-01-01"}',
        '{"series":"a","value":1,"ts":1,"time":2}',
        '{"series":"a","value":1,"ts":1,"room":"kitchen"}',
        '{"series":"a","value":true,"ts":1}',
        '{"series":"a","value":"1","ts":1}',
        '{"series":"a","value":NaN,"ts":1}',
        '{"series":"a","value":1e999,"ts":1}',
        '{"series":"","value":1,"ts":1}',
        '{"series":"a\\u0000","value":1,"ts":1}',
        '{"series":"\\ud800","value":1,"ts":1}',
        '{"series":"a","value":1,"ts":1,"unit":"\\n"}',
        '{"series":"a","value":1,"ts":-1}',
        f'{{"series":"a","value":1,"ts":{MAX_EXACT_SECONDS + 1}}}',
        f'{{"series":"a","value":1,"ts":{NOW // MICROSECONDS + 700}}}',
        f'{{"id":"5f2c:1-0","readings":[{READING}]}}',
        f'{{"readings":[{READING}],"more":1}}',
        f"[{READING},{OTHER[:-1]}]",
        f"[{READING}]\n[{OTHER}]",
        f"{READING}{OTHER}",
        f"{READING} \t{OTHER}",
        f"\ufeff[{READING}]",
        f"[{READING},7]",
    ],
)
def test_other_texts_are_left_to_the_other_decoder(text: str) -> None:
    assert decode_plain_json(text.encode(), NOW) is None


def test_text_that_would_take_long_is_left_to_the_other_decoder() -> None:
    text = f"[{','.join([READING] * 20_000)}]"
    assert decode_plain_json(text.encode(), NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"series":"a","value":1,"ts":1,"series":"b","value":2}',
        '{"series":"a","value":123456789012345678901234567890,"ts":1}',
        '{"series":"a","value":0.1e-320,"ts":1.0000004}',
        '{"series":"a","value":-0.0,"ts":1.0000005}',
    ],
    ids=["repeated keys", "many digits", "tiny value", "half a microsecond"],
)
def test_unusual_reading_is_decoded_the_same(text: str) -> None:
    assert decode_checked(text.encode()) is not None


plain = st.fixed_dictionaries(
    {
        "series": st.text(min_size=1, max_size=3),
        "value": st.integers() | st.floats(allow_nan=False),
        "ts": st.integers(0, 1 << 33) | st.floats(0, 1 << 33),
    },
    optional={"unit": st.none() | st.text(max_size=3)},
)


@given(st.lists(plain, min_size=1, max_size=4), st.sampled_from(["list", "message", "lines"]))
def test_any_plain_readings_decode_the_same(items: list[dict[str, object]], form: str) -> None:
    if form == "list":
        text = json.dumps(items)
    elif form == "message":
        text = json.dumps({"readings": items}, separators=(",", ":"))
    else:
        text = "\n".join(map(json.dumps, items))
    decode_checked(text.encode())


@given(st.binary() | st.lists(st.sampled_from([READING, OTHER, "[", "]", ",", "\n", " "])).map(
    lambda parts: "".join(parts).encode()
))  # fmt: skip
def test_any_text_decodes_the_same(text: bytes) -> None:
    decode_checked(text)
