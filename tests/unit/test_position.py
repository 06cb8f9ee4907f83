"""Cursors and entry ids: their order, and their text on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.position import JOURNAL_START, Cursor, EntryId

numbers = st.integers(0, 2**64 - 1)
entries = st.builds(EntryId, numbers, numbers)
epochs = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("earlier", "later"), [("9-1", "10-0"), ("10-9", "10-10"), ("0-0", "0-1"), ("2-99", "10-0")]
)
def test_entry_ids_compare_as_numbers(earlier: str, later: str) -> None:
    assert EntryId.parse(earlier) < EntryId.parse(later)


def test_start_is_before_every_entry() -> None:
    assert EntryId.parse("0-1") > JOURNAL_START


@given(entries)
def test_text_of_entry_id_parses_to_same_id(entry: EntryId) -> None:
    assert EntryId.parse(str(entry)) == entry
    assert EntryId.parse(str(entry).encode()) == entry


@given(epochs, entries)
def test_text_of_cursor_parses_to_same_cursor(epoch: str, entry: EntryId) -> None:
    cursor = Cursor(epoch, entry)
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "", ":", "a", "a:", ":1-0", "a:1", "a:1-", "a:-1", "a:1-0 ", " a:1-0", "a:1-0\n", "a\n:1-0",
        "A:1-0", "a b:1-0", "a:1-0-0", "a:b:1-0", "a:+1-0", "a:1_0-0", "a:٣-0", "é:1-0", "a:$",
        "a:1-*", f"{'a' * 41}:1-0", f"a:{'1' * 21}-0", f"a:{2**64}-0", f"a:1-{2**64}",
        "a:1-0\x00", "\ud800:1-0",
    ],
)  # fmt: skip
def test_invalid_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a cursor|not the id"):
        Cursor.parse(text)


@given(st.text())
def test_any_text_is_parsed_as_cursor_or_refused(text: str) -> None:
    try:
        cursor = Cursor.parse(text)
    except ValueError:
        return
    assert Cursor.parse(str(cursor)) == cursor


@given(st.binary())
def test_any_bytes_are_parsed_as_entry_id_or_refused(text: bytes) -> None:
    try:
        EntryId.parse(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("entry", "previous"),
    [("5-2", "5-1"), ("5-0", f"4-{2**64 - 1}"), ("0-1", "0-0"), ("0-0", "0-0")],
)
def test_previous_id_is_largest_smaller_one(entry: str, previous: str) -> None:
    assert str(EntryId.parse(entry).previous) == previous
