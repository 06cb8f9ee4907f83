"""Reader of JSON documents, one after another, each on one line or on many.

It yields the items of the documents while their text arrives. A damaged item costs only itself:
the reader goes on after its closing bracket, or at a later line that begins an item at the same
indentation. No token of JSON spans two lines, so the same text has the same items in any chunks.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeGuard

from services.errors import MalformedError
from services.formats.parsing.json_damage import DamagedItem
from services.formats.parsing.json_stream import (
    CHUNK_BYTES,
    MAX_VALUE_CHARS,
    NO_READING,
    parse_int,
)
from services.formats.parsing.json_times import lacks_time, readings_of, time_missing, time_of_head

_SPACE = re.compile(r"[ \t\n\r]*")
_REST_OF_LINE = re.compile(r"[^\n]*")
_REST_OF_ELEMENT = re.compile(r"[^\n,\]}]*")
_WORD = re.compile(r'[^\s,\[\]{}"]+')

# An object up to the list that holds its readings. The members before it are no containers.
_MESSAGE = re.compile(
    r'\{\s*(?:"(?:[^"\\\n]++|\\.)*+"\s*:\s*(?:"(?:[^"\\\n]++|\\.)*+"|[^\s"\[\]{},]+)\s*,\s*)*'
    r'"readings"\s*:\s*\['
)

# A token that is longer than this and ends with the text may continue, if it is a string.
_MAX_WORD_CHARS: Final = 32

_OPEN_STRING: Final = "Unterminated string"
_BAD_BYTE = re.compile("[\udc80-\udcff]")


class JsonItem(NamedTuple):
    """An item of a document.

    Attributes:
        line_index: Line on which it begins, from 0.
        number: Number of the item in its list, from 1; 0 outside of a list.
        value: The item, or a MalformedError.
    """

    line_index: int
    number: int
    value: object


class JsonItemReader:
    """Reads documents from a text that arrives in chunks.

    Args:
        flatten: True to read the lists within a list as lists of items.
    """

    def __init__(self, *, flatten: bool = False) -> None:
        self._flatten = flatten
        self._decode_bytes = getincrementaldecoder("utf-8")("surrogateescape").decode
        self._parse = json.JSONDecoder(parse_int=parse_int).raw_decode
        self._window = ""
        self._position = 0
        self._is_last = False
        self._has_bad_bytes = False
        self._line_index = 0
        self._indent = 0
        self._at_line_start = True
        # One counter of items for each open list.
        self._counts: list[int] = []
        self._needs_separator = False
        self._is_damaged = False
        self._rest: re.Pattern[str] | None = None
        self._damaged: DamagedItem | None = None
        # A time beside the readings of an open message.
        self._time_key: str | None = None

    def feed(self, chunk: bytes, *, is_last: bool = False) -> Iterator[JsonItem]:
        """Yield the items that a chunk completes. The caller must exhaust the iterator."""
        text = self._decode_bytes(chunk, is_last)
        self._has_bad_bytes = self._has_bad_bytes or (
            not chunk.isascii() and _BAD_BYTE.search(text) is not None
        )
        self._window = self._window[self._position :] + text
        self._position, self._is_last = 0, is_last
        while self._skip_damage() and self._skip_space():
            item = self._read()
            if item is None:
                break
            yield from item
        if is_last and (self._counts or self._damaged) and not self._is_damaged:
            yield self._fault("not JSON: the text ended within a list or an object")

    def _skip_space(self) -> bool:
        """Advance to the next token. Return False if the window ends before it."""
        start, end = self._position, self._space_end(self._position)
        line_break = self._window.rfind("\n", start, end)
        if line_break >= 0:
            self._indent, self._at_line_start = end - line_break - 1, True
        elif self._at_line_start:
            self._indent += end - start
        self._advance(end)
        return end < len(self._window)

    def _read(self) -> list[JsonItem] | None:
        """Read one token or item. Return None if the window ends within it."""
        self._at_line_start, window = False, self._window
        character = window[self._position]
        if self._counts and character in ",]":
            return self._read_separator(character)
        if self._is_damaged and character in ",]}" and not self._counts:
            self._advance(self._position + 1)
            return []
        if self._counts and character == "}":
            return self._read_stray_brace()
        faults = []
        if self._needs_separator and not self._is_damaged:
            faults.append(self._fault("not JSON: a comma or bracket is missing before it"))
            self._is_damaged = True
            if character == "[" and not self._indent:
                self._counts.clear()
                self._needs_separator = False
        items = self._open_list() if character == "[" else None
        items = self._read_value() if items is None else items
        return faults or None if items is None else [*faults, *items]

    def _read_separator(self, character: str) -> list[JsonItem]:
        is_misplaced = character == "," and not self._needs_separator and not self._is_damaged
        faults = [self._fault("not JSON: an item is missing")] if is_misplaced else []
        if character == ",":
            self._needs_separator = False
        else:
            self._counts.pop()
            if self._counts and self._counts[-1] < 0:
                # The rest of the message around the list has no readings.
                self._counts.pop()
                self._damaged = DamagedItem(indent=-1)
            self._end_value()
        self._advance(self._position + 1)
        return faults

    def _read_stray_brace(self) -> list[JsonItem]:
        """Pass over a closing brace in a list, where none is open."""
        faults = [] if self._is_damaged else [self._fault("not JSON: no brace is open")]
        self._is_damaged = True
        self._advance(self._position + 1)
        return faults

    def _open_list(self) -> list[JsonItem] | None:
        """Enter a list. Return None if the list is an item of another one."""
        if self._counts and not (self._flatten and len(self._counts) == 1):
            return None
        if not self._counts:
            self._is_damaged, self._time_key = False, None
        else:
            self._counts[-1] += 1
        self._counts.append(0)
        self._needs_separator = False
        self._advance(self._position + 1)
        return []

    def _read_value(self) -> list[JsonItem] | None:
        """Read a value. Return None if it may continue after the window."""
        window, start = self._window, self._position
        word = _WORD.match(window, start)
        if word and word.end() == len(window) and not self._is_last:
            return self._wait()
        try:
            value, end = self._parse(window, start)
        except json.JSONDecodeError as error:
            return self._read_invalid(error)
        except RecursionError:
            return [self._refuse("nested too deeply")]
        if word and word.end() != end:
            return [self._refuse("not JSON")]
        if self._is_message(value) and self._open_message():
            return []
        items = self._items_of(value, end)
        self._advance(end)
        self._end_value()
        return items

    def _is_message(self, value: object) -> TypeGuard[dict[str, list[object]]]:
        return (
            not self._counts and isinstance(value, dict) and isinstance(value.get("readings"), list)
        )

    def _items_of(self, value: object, end: int) -> list[JsonItem]:
        if self._has_bad_bytes and _BAD_BYTE.search(self._window, self._position, end):
            value = MalformedError("not UTF-8")
        if self._counts:
            self._counts[-1] += 1
            if self._time_key and lacks_time(value):
                value = time_missing(self._time_key)
            return [JsonItem(self._line_index, self._counts[-1], value)]
        self._is_damaged = False
        if self._is_message(value):
            readings = enumerate(readings_of(value), 1)
            return [JsonItem(self._line_index, number, reading) for number, reading in readings]
        if not isinstance(value, dict | MalformedError):
            value = MalformedError(NO_READING)
        return [JsonItem(self._line_index, 0, value)]

    def _read_invalid(self, error: json.JSONDecodeError) -> list[JsonItem] | None:
        """Enter a message, wait for the rest of a value, or refuse it."""
        if not self._counts and self._open_message():
            return []
        if not self._is_last and self._may_continue(error):
            return self._wait()
        return [self._refuse(f"not JSON: {error.msg}")]

    def _open_message(self) -> bool:
        """Enter the list of readings of a message. Return False if it is not found at once."""
        message = _MESSAGE.match(self._window, self._position)
        if message:
            # Members after the list come too late: the readings before them are used already.
            self._time_key = time_of_head(message[0])
            self._is_damaged = self._needs_separator = False
            self._counts += [-1, 0]
            self._advance(message.end())
        return message is not None

    def _may_continue(self, error: json.JSONDecodeError) -> bool:
        window = self._window
        if self._space_end(error.pos) == len(window):
            return True
        if window.find("\n", error.pos) >= 0:
            return False
        return error.msg.startswith(_OPEN_STRING) or len(window) - error.pos < _MAX_WORD_CHARS

    def _wait(self) -> list[JsonItem] | None:
        if len(self._window) - self._position <= MAX_VALUE_CHARS:
            return None
        return [self._refuse(f"an item has more than {MAX_VALUE_CHARS} characters")]

    def _refuse(self, reason: str) -> JsonItem:
        """Return the fault of a value, and begin to skip it."""
        if self._counts:
            self._counts[-1] += 1
        fault = self._fault(reason)
        if self._window[self._position] in "{[":
            self._damaged = DamagedItem(self._indent)
            self._advance(self._position + 1)
        else:
            self._rest = _REST_OF_ELEMENT if self._counts else _REST_OF_LINE
        self._is_damaged = True
        self._end_value()
        return fault

    def _fault(self, reason: str) -> JsonItem:
        number = max(0, self._counts[-1]) if self._counts else 0
        return JsonItem(self._line_index, number, MalformedError(reason))

    def _end_value(self) -> None:
        self._needs_separator = bool(self._counts)

    def _skip_damage(self) -> bool:
        """Skip what remains of a damaged value. Return False if the window ends within it."""
        if self._rest is not None:
            match = self._rest.match(self._window, self._position)
            self._advance(match.end() if match else self._position)
            if self._position == len(self._window):
                return False
            self._rest = None
        if self._damaged is None:
            return True
        end = self._damaged.find_end(self._window, self._position, is_last=self._is_last)
        self._advance(end)
        if self._damaged.is_open:
            if end == 0 and len(self._window) > MAX_VALUE_CHARS:
                # An open string needs no memory.
                self._window = '"'
            return False
        self._needs_separator = self._needs_separator and not self._damaged.ends_before_item
        self._damaged = None
        return True

    def _space_end(self, start: int) -> int:
        match = _SPACE.match(self._window, start)
        return match.end() if match else start

    def _advance(self, end: int) -> None:
        self._line_index += self._window.count("\n", self._position, end)
        self._position = end


def iterate_documents(text: bytes, chunk_bytes: int = CHUNK_BYTES) -> Iterator[object]:
    """Yield the items of documents that follow each other. A damaged item is a MalformedError."""
    reader = JsonItemReader()
    for start in range(0, len(text), chunk_bytes):
        is_last = start + chunk_bytes >= len(text)
        for item in reader.feed(text[start : start + chunk_bytes], is_last=is_last):
            yield item.value
