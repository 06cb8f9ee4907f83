"""The items of a JSON text, one at a time: what they may become is never in memory all at once.

A few bytes of JSON can make an object of a hundred. So a long text is read piece by piece, and
what one item may take is bounded; a short text is read whole, which is faster.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Any, Final

from services.errors import MalformedError

CHUNK_BYTES: Final = 65_536
"""Bytes that are read at once."""

MAX_ITEM_CHARS: Final = 1 << 20
"""Characters that one item of a longer text may have."""

# Python refuses to read an integer of more digits; as a float it is infinite, and said to be so.
_MAX_INT_DIGITS: Final = 400
_FIELDS: Final = frozenset({"series", "ts", "value", "unit"})

_SPACE = re.compile(r"[ \t\n\r]*")
_LINE = re.compile(rb"[^\r\n]+")


def iterate_items(text: bytes) -> Iterator[object]:
    """The items of one document: a list, the list in an object's `readings`, or the object itself.

    Raises MalformedError, maybe after some items, when it is neither.
    """
    return _short(text) if len(text) <= CHUNK_BYTES else _Document(text).items()


def iterate_lines(text: bytes) -> Iterator[object]:
    """The items of every line; a line that is malformed is a MalformedError in its place."""
    for match in _LINE.finditer(text):
        line = match[0]
        if not line.strip():
            continue
        if len(line) > MAX_ITEM_CHARS:
            yield MalformedError(f"a line must have at most {MAX_ITEM_CHARS} bytes")
            continue
        try:
            found = list(_short(line))
        except MalformedError as error:
            yield error
        else:
            yield from found


def has_several_lines(text: bytes) -> bool:
    """Whether a text has more than one line with something in it."""
    found = (match for match in _LINE.finditer(text) if match[0].strip())
    return next(found, None) is not None and next(found, None) is not None


def parse_document(text: bytes) -> Any:
    """A whole document. Raises MalformedError."""
    try:
        return json.loads(text.decode(), parse_int=_parse_int)
    except UnicodeDecodeError as error:
        raise MalformedError("not UTF-8") from error
    except ValueError as error:
        raise MalformedError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise MalformedError("nested too deeply") from error


def _short(text: bytes) -> Iterator[object]:
    document = parse_document(text)
    if isinstance(document, dict) and isinstance(document.get("readings"), list):
        document = document["readings"]
    if isinstance(document, list):
        yield from document
    elif isinstance(document, dict):
        yield document
    else:
        raise MalformedError("not a reading, a list of readings or a message")


def _parse_int(digits: str) -> float:
    return int(digits) if len(digits) <= _MAX_INT_DIGITS else float(digits)


class _Document:
    """A long document, of which only a window is decoded. All methods raise MalformedError."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._read = 0
        self._decode = getincrementaldecoder("utf-8")().decode
        self._parse = json.JSONDecoder(parse_int=_parse_int).raw_decode
        self._window = ""
        self._place = 0

    def items(self) -> Iterator[object]:
        start = self._peek()
        if start == "[":
            yield from self._elements()
        elif start == "{":
            yield from self._object()
        else:
            raise MalformedError("not a reading, a list of readings or a message")
        if self._peek():
            raise MalformedError("not JSON: there is more after its end")

    def _object(self) -> Iterator[object]:
        reading: dict[str, object] = {}
        is_message = False
        for key in self._keys():
            if key == "readings" and self._peek() == "[":
                is_message = True
                yield from self._elements()
            else:
                value = self._value()
                if key in _FIELDS:
                    reading[key] = value
        if not is_message:
            yield reading

    def _elements(self) -> Iterator[object]:
        self._place += 1
        if self._peek() == "]":
            self._place += 1
            return
        while True:
            yield self._value()
            if self._next("],") == "]":
                return

    def _keys(self) -> Iterator[str]:
        """The keys of an object; whoever asks takes each value before the next key."""
        self._place += 1
        if self._peek() == "}":
            self._place += 1
            return
        while True:
            if self._peek() != '"':
                raise MalformedError("not JSON: a key must be a text")
            key = self._value()
            self._next(":")
            yield str(key)
            if self._next("},") == "}":
                return

    def _value(self) -> object:
        """Any value. One that ends with the window may go on after it."""
        self._peek()
        while True:
            try:
                value, end = self._parse(self._window, self._place)
            except RecursionError as error:
                raise MalformedError("nested too deeply") from error
            except ValueError as error:
                if not self._more():
                    raise MalformedError(f"not JSON: {error}") from error
                continue
            # "1." is read as 1 where its digits are still to come, so one character is not enough.
            if end + 2 < len(self._window) or not self._more():
                self._place = end
                return value

    def _next(self, allowed: str) -> str:
        found = self._peek()
        if not found or found not in allowed:
            raise MalformedError(f"not JSON: one of {allowed} is missing")
        self._place += 1
        return found

    def _peek(self) -> str:
        """The next character that is no space, or nothing at the end."""
        while True:
            match = _SPACE.match(self._window, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._window):
                return self._window[self._place]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Forget what was taken and decode another piece; false at the end of the text."""
        if self._read >= len(self._text):
            return False
        rest = self._window[self._place :]
        if len(rest) > MAX_ITEM_CHARS:
            raise MalformedError(f"not JSON, or an item has more than {MAX_ITEM_CHARS} characters")
        # What did not fit so far is not tried again and again for a little more.
        size = max(CHUNK_BYTES, len(rest))
        piece = self._text[self._read : self._read + size]
        self._read += len(piece)
        try:
            self._window = rest + self._decode(piece, self._read >= len(self._text))
        except UnicodeDecodeError as error:
            raise MalformedError("not UTF-8") from error
        self._place = 0
        return True
