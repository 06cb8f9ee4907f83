"""Documents of JSON in any layout yield their items, and a fault costs only its own item."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import MalformedError
from services.formats.parsing.json_items import JsonItem, JsonItemReader, iterate_documents

A = {"series": "a", "value": 1}
B = {"series": "b", "value": 2}
ONE_A, ONE_B = json.dumps(A), json.dumps(B)
TALL_A, TALL_B = json.dumps(A, indent=2), json.dumps(B, indent=2)

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
documents = st.dictionaries(st.text(max_size=4), json_values) | st.lists(json_values, max_size=4)


def items_of(text: str | bytes, chunk_bytes: int, flatten: bool = False) -> list[tuple[int, Any]]:
    """Return line and value of each item; faults as their text."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    reader = JsonItemReader(flatten=flatten)
    items: list[JsonItem] = []
    for start in range(0, len(data), chunk_bytes):
        items += reader.feed(data[start : start + chunk_bytes])
    items += reader.feed(b"", is_last=True)
    return [
        (line, str(value) if isinstance(value, MalformedError) else value)
        for line, _, value in items
    ]


def values_and_faulty_lines(text: str) -> tuple[list[Any], list[int]]:
    """Return good values and the lines of faults, which are the same in chunks of any size."""
    results = {repr(items_of(text, size)) for size in (1, 2, 3, 7, len(text) + 1)}
    assert len(results) == 1, results
    items = items_of(text, len(text) + 1)
    return (
        [value for _, value in items if not isinstance(value, str)],
        [line for line, value in items if isinstance(value, str)],
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE_A}\n{ONE_B}\n",
        f"{TALL_A}\n{TALL_B}",
        f"{TALL_A}{TALL_B}",
        f"\n\n{TALL_A}\n\n\n{ONE_B}",
        json.dumps([A, B], indent=2),
        json.dumps([A, B], indent="\t"),
        json.dumps([A, B], indent=0),
        f"[\n{ONE_A},\n{ONE_B}\n]\n",
        f"[\n{ONE_A}\n,{ONE_B}\n]\n",
        f"[{ONE_A}]\n[\n{ONE_B}\n]",
        f"[]\n[\n]\n{ONE_A}\n[{ONE_B}]",
        json.dumps({"readings": [A, B]}, indent=2),
        json.dumps({"id": "x:1-0", "n": 7, "readings": [A, B], "more": {"x": [1, "]}"]}}, indent=2),
        f'{{"readings":[{ONE_A}]}}\n{{\n"readings":\n[{ONE_B}]}}',
    ],
)
def test_documents_in_any_layout_have_same_items(text: str) -> None:
    assert values_and_faulty_lines(text) == ([A, B], [])


@pytest.mark.parametrize(
    ("text", "values", "faulty_lines"),
    [
        (f"{ONE_A}\nx\n{ONE_B}", [A, B], [1]),
        (f'{ONE_A}\n{{"series":\n{ONE_B}', [A, B], [1]),
        (f'{ONE_A}\n{{"series": "c", "va\n{ONE_B}\n', [A, B], [1]),
        (f'{ONE_A}\n{{"series": "c", "value": 1\n{ONE_B}\n', [A, B], [1]),
        (f"{ONE_A}\n21.5\n{ONE_B}\n", [A, B], [1]),
        (f"[{ONE_A}\n[{ONE_B}]\n", [A, B], [1]),
        (f"[\n{ONE_A}\n{ONE_B}\n]\n", [A, B], [2]),
        (f"[\n{ONE_A},\n,{ONE_B}\n]\n", [A, B], [2]),
        (f"[\n  {ONE_A},\n  x,\n  {ONE_B}\n]\n", [A, B], [2]),
        (f'[\n  {{"series": "c", "value"}},\n  {ONE_A}\n]\n{ONE_B}', [A, B], [1]),
        (f'[\n  {{"series": "c",\n  {ONE_A},\n  {ONE_B}\n]\n', [A, B], [1]),
        (f'[\n  {{\n    "series": "c"\n    "value": 1\n  }},\n  {ONE_A}, {ONE_B}\n]', [A, B], [1]),
        (f'[\n  {{\n    "series": "c",\n  {{\n    "series": 1}},\n  {ONE_A}\n]', None, [1]),
        (f'[\n  {{"series": "c",\n]\n[{ONE_A}]\n{ONE_B}', [A, B], [1]),
        (f"[1x, {ONE_A}, {ONE_B}]", [A, B], [0]),
        (f"[{ONE_A}, x, {ONE_B}]", [A, B], [0]),
        (f"[{ONE_A}, {ONE_B}", [A, B], [0]),
        (f"[\n{ONE_A},\n{ONE_B},\n", [A, B], [3]),
        (f'{ONE_A}\n{ONE_B}\n{{"series": "c",\n "value":', [A, B], [2]),
        (f'{{"readings": [{ONE_A}, {{"x}}, {ONE_B}]}}\n{ONE_B}', [A, B], [0]),
        (f"{ONE_A}\n}}\n{ONE_B}\n]\n", [A, B], [1, 3]),
        (f"[{ONE_A}, }}, {ONE_B}]\n{ONE_A}", [A, B, A], [0]),
        (f"[{ONE_A}\n}}}}\n{ONE_B}]\n{ONE_A}", None, [1]),
        ("[}", [], [0]),
        ("nonsense", [], [0]),
        ("", [], []),
        (" \n\n", [], []),
    ],
)
def test_fault_costs_only_its_item(
    text: str, values: list[Any] | None, faulty_lines: list[int]
) -> None:
    good, faulty = values_and_faulty_lines(text)
    assert faulty == faulty_lines
    assert values is None or good == values


@given(st.lists(documents, max_size=4), st.sampled_from([None, 0, 1, 4]), st.sampled_from("\n "))
def test_any_documents_in_chunks_have_items_of_whole_documents(
    values: list[Any], indent: int | None, separator: str
) -> None:
    text = separator.join(json.dumps(value, indent=indent, ensure_ascii=False) for value in values)
    expected: list[Any] = []
    for value in values:
        if isinstance(value, dict) and isinstance(value.get("readings"), list):
            expected += value["readings"]
        else:
            expected += value if isinstance(value, list) else [value]
    for chunk_bytes in (5, len(text) + 1):
        assert [value for _, value in items_of(text, chunk_bytes)] == expected


@given(st.text(alphabet='[]{}",:\\\n 1ae', max_size=40), st.booleans())
def test_any_text_has_same_items_in_chunks(text: str, flatten: bool) -> None:
    whole = items_of(text, len(text) + 1, flatten)
    assert [items_of(text, size, flatten) for size in (1, 3)] == [whole, whole]


def test_lists_in_list_are_flattened_for_files() -> None:
    text = json.dumps([[A, B], [B], []], indent=1)
    assert [value for _, value in items_of(text, 5, flatten=True)] == [A, B, B]
    assert [value for _, value in items_of(text, 5)] == [[A, B], [B], []]


def test_lines_of_items_are_counted() -> None:
    text = f"{ONE_A}\r\n\n{TALL_A}\n[\n{ONE_A},\n{ONE_B}]\n{ONE_B}"
    assert [line for line, _ in items_of(text, 4)] == [0, 2, 7, 8, 9]


def test_item_that_is_not_utf8_is_refused() -> None:
    text = f"{ONE_A}\n".encode() + b'{"series": "K\xfcche", "value": 1}\n' + ONE_B.encode()
    for size in (1, 4, 1_000):
        assert [value for _, value in items_of(text, size)] == [A, "not UTF-8", B]


def test_item_that_never_ends_takes_little_memory() -> None:
    text = b'[{"series": "' + b"a" * 3_000_000
    tracemalloc.start()
    try:
        reader = JsonItemReader()
        faults = [item for start in range(0, len(text), 65_536)
                  for item in reader.feed(text[start : start + 65_536])]  # fmt: skip
        assert ["more than 65536 characters" in str(item.value) for item in faults] == [True]
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.long
def test_list_on_one_line_is_read_in_chunks() -> None:
    text = b"[" + b",".join([ONE_A.encode()] * 50_000) + b"]"
    tracemalloc.start()
    try:
        assert sum(value == A for value in iterate_documents(text)) == 50_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("head", "is_refused"),
    [
        ('{"time":5,', True),
        ('{\n"x":1,\n"date":"2026-08-02",\n', True),
        ('{"id":1785684600,', False),
        ('{"x":tru,', False),
    ],
)
def test_time_before_readings_is_refused_for_those_without_one(head: str, is_refused: bool) -> None:
    timed = {"series": "b", "value": 2, "ts": 1}
    text = f'{head}"readings":[{ONE_A},{json.dumps(timed)}]}}\n[{ONE_B}]'
    values, faulty_lines = values_and_faulty_lines(text)
    assert values == [timed, B] if is_refused else [A, timed, B]
    assert faulty_lines == ([head.count("\n")] if is_refused else [])
