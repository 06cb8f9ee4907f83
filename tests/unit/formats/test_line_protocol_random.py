"""Random line protocol: points by the grammar are decoded, other bytes are decoded or refused."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.broker import Message
from services.formats.line_protocol import decode_lines, decode_plain_text
from services.formats.parsing.field_series import FieldSeriesCache
from services.reading import Reading
from tests.support.line_protocol import NOW, STAMP, decode_twice, decode_valid

names = st.text(st.sampled_from('ab=, \\"#°é'), min_size=1, max_size=6).filter(
    lambda text: not text.endswith("\\") and text.lstrip("\\")[:1] != "#" and text.strip() == text
)
numbers = st.floats(allow_nan=False, allow_infinity=False).map(lambda x: (repr(x), x))
integers = st.integers(-(2**63), 2**63 - 1).map(lambda x: (f"{x}i", float(x)))
booleans = st.sampled_from([("t", 1.0), ("False", 0.0)])
strings = st.text(st.sampled_from('a" \\,=\n')).map(
    lambda text: ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"', None)
)
points = st.tuples(
    names,
    st.dictionaries(names, names, max_size=3),
    st.dictionaries(names, numbers | integers | booleans | strings, min_size=1, max_size=3),
    st.integers(0, NOW),
)


def format_point(point: tuple[str, dict[str, str], dict[str, Any], int]) -> str:
    """Write a point by the grammar, as clients do."""

    def escaped(text: str) -> str:
        return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")

    measurement, tags, fields, ts = point
    key = measurement.replace(",", "\\,").replace(" ", "\\ ")
    key += "".join(f",{escaped(name)}={escaped(text)}" for name, text in tags.items())
    return f"{key} {','.join(f'{escaped(n)}={t}' for n, (t, _) in fields.items())} {ts}000"


@given(st.lists(points, max_size=6))
def test_any_point_by_the_grammar_is_decoded(sent: list[Any]) -> None:
    expected = []
    for measurement, tags, fields, ts in sent:
        name = ",".join([measurement, *(f"{k}={v}" for k, v in sorted(tags.items()))])
        expected += [
            Reading(name if field == "value" else f"{name} {field}", ts, value)
            for field, (_, value) in fields.items()
            if value is not None
        ]
    assert decode_valid("\n".join(map(format_point, sent))) == expected


any_lines = st.text(st.sampled_from('ab1.e+-_ti",= \\\r#\n0'), max_size=30)
keys = st.sampled_from(["a", "a,b=1", "b", ""])
numerals = st.text(st.sampled_from("0123456789.eE+-_i"), max_size=8)
two_field_lines = st.builds(
    "{} a={},b={} {}".format, keys, any_lines, any_lines, st.just(STAMP) | any_lines
)
one_field_lines = st.builds("{} a={} {}".format, keys, numerals, st.just(STAMP) | numerals)


@given(
    st.lists(any_lines | two_field_lines | one_field_lines, max_size=8)
    | st.lists(one_field_lines, min_size=1, max_size=2)
)
def test_lines_with_cached_series_decode_as_by_the_grammar(lines: list[str]) -> None:
    cache = FieldSeriesCache()
    decode_lines(b"a a=1,b=1\na,b=1 a=1,b=1\nb a=1,b=1", NOW, cache=cache)
    text = "\n".join(lines).encode()
    expected = decode_lines(text, NOW, cache=FieldSeriesCache())
    assert decode_lines(text, NOW, cache=cache) == expected
    batches = decode_plain_text(text, NOW, cache=cache)
    if batches is not None:
        assert list(map(Message.of_batch, batches)) == Message.of(
            expected.readings, expected.points
        )
        assert not expected.faults


@given(st.binary() | st.lists(st.binary()).map(b"=1 1\n".join))
def test_any_bytes_are_decoded(text: bytes) -> None:
    decode_twice(text)
