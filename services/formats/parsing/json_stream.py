"""Reader of JSON texts that yields one item at a time, so that a large text needs little memory.

A few bytes of JSON can become an object of a hundred bytes. So a long text is decoded in chunks,
and the length of one item is bounded. A short text is decoded at once, which is faster.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Any, Final

from services.errors import MalformedError
from services.formats.parsing.json_times import (
    READING_KEYS,
    is_time_of_message,
    lacks_time,
    looks_like_time,
    readings_of,
    time_missing,
)

CHUNK_BYTES: Final = 65_536
"""Number of bytes that are decoded at once."""

MAX_ITEM_CHARS: Final = 1 << 20
"""Maximum length of one line of a text with lines, in bytes."""

MAX_VALUE_CHARS: Final = 1 << 16
"""Maximum length of one element of a list, or of one member of an object, in a long text.

It bounds the time to refuse it. A reading with the longest texts, all escaped, has 13,000.
"""

NO_READING: Final = "not a reading, a list of readings or a message"

_MAX_KEYS: Final = 1_000

# A longer integer becomes an infinite float, which is then refused as not finite. Python itself
# refuses to parse more than 4,300 digits, with an error about its own limit.
_MAX_INT_DIGITS: Final = 400

_SPACE = re.compile(r"[ \t\n\r]*")
_LINE = re.compile(rb"[^\r\n]+")


def iterate_items(text: bytes, chunk_bytes: int = CHUNK_BYTES) -> Iterator[object]:
    """Yield the items of one JSON document.

    The items are the elements of a list, or of the list in an object's `readings`. Any other
    object is itself the only item.

    Args:
        text: The document.
        chunk_bytes: Number of bytes to decode at once.

    Raises:
        MalformedError: The document is neither a list nor an object, or is not JSON. Some items
            may have been yielded before.
    """
    if len(text) <= chunk_bytes:
        return _parse_items(text)
    return _DocumentReader(text, chunk_bytes).iterate_items()


def has_several_lines(text: bytes) -> bool:
    """Return True if more than one line of the text has anything but spaces."""
    lines = (match for match in _LINE.finditer(text) if match[0].strip())
    return next(lines, None) is not None and next(lines, None) is not None


def parse_document(text: bytes) -> Any:
    """Parse a whole JSON document.

    Raises:
        MalformedError: The text is not JSON, not UTF-8, or nested too deeply.
    """
    try:
        return json.loads(text.decode(), parse_int=parse_int)
    except UnicodeDecodeError as error:
        raise MalformedError("not UTF-8") from error
    except ValueError as error:
        raise MalformedError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise MalformedError("nested too deeply") from error


def parse_int(digits: str) -> float:
    """Parse an integer of any length; a very long one becomes infinite."""
    return int(digits) if len(digits) <= _MAX_INT_DIGITS else float(digits)


def _parse_items(text: bytes) -> Iterator[object]:
    """Yield the items of a document that is parsed as a whole."""
    document = parse_document(text)
    if isinstance(document, list):
        yield from document
    elif isinstance(document, dict) and isinstance(document.get("readings"), list):
        yield from readings_of(document)
    elif isinstance(document, dict):
        yield document
    else:
        raise MalformedError(NO_READING)


class _DocumentReader:
    """Reads a long document through a window of decoded text that moves over it.

    All methods raise MalformedError.
    """

    def __init__(self, text: bytes, chunk_bytes: int) -> None:
        self._text = text
        self._chunk_bytes = chunk_bytes
        self._offset = 0
        self._decode = getincrementaldecoder("utf-8")().decode
        self._parse = json.JSONDecoder(parse_int=parse_int).raw_decode
        self._window = ""
        self._position = 0

    def iterate_items(self) -> Iterator[object]:
        start = self._peek()
        if start == "[":
            yield from self._list_items()
        elif start == "{":
            yield from self._object_items()
        else:
            raise MalformedError(NO_READING)
        if self._peek():
            raise MalformedError("not JSON: there is more after its end")

    def _object_items(self) -> Iterator[object]:
        reading: dict[str, object] = {}
        is_message = is_time_needed = False
        time_key: str | None = None
        for key in self._keys():
            if key == "readings" and self._peek() == "[":
                is_message = True
                for item in self._list_items():
                    is_time_needed = is_time_needed or lacks_time(item)
                    yield time_missing(time_key) if time_key and lacks_time(item) else item
            else:
                value = self._parse_value()
                if is_time_of_message(key, value):
                    time_key = key
                if key in READING_KEYS or looks_like_time(key, value):
                    reading[key] = value
            if is_time_needed and time_key and key == time_key:
                raise time_missing(time_key)
        if not is_message:
            yield reading

    def _list_items(self) -> Iterator[object]:
        self._position += 1
        if self._peek() == "]":
            self._position += 1
            return
        while True:
            yield self._parse_value()
            if self._expect("],") == "]":
                return

    def _keys(self) -> Iterator[str]:
        """Yield the keys of an object. The caller must parse each value before the next key."""
        self._position += 1
        if self._peek() == "}":
            self._position += 1
            return
        for _ in range(_MAX_KEYS):
            if self._peek() != '"':
                raise MalformedError("not JSON: a key must be a string")
            key = self._parse_value()
            self._expect(":")
            yield str(key)
            if self._expect("},") == "}":
                return
        raise MalformedError(f"an object has more than {_MAX_KEYS} keys")

    def _parse_value(self) -> object:
        """Parse any value. A value that ends with the window may continue in the next chunk."""
        self._peek()
        while True:
            try:
                value, end = self._parse(self._window, self._position)
            except RecursionError as error:
                raise MalformedError("nested too deeply") from error
            except ValueError as error:
                if not self._decode_chunk():
                    raise MalformedError(f"not JSON: {error}") from error
                continue
            # At the end of a window "1." parses as 1, so a single character more is not enough.
            if end + 2 < len(self._window) or not self._decode_chunk():
                self._position = end
                return value

    def _expect(self, allowed: str) -> str:
        """Read one of the allowed characters, after any spaces."""
        character = self._peek()
        if not character or character not in allowed:
            raise MalformedError(f"not JSON: one of {allowed} is missing")
        self._position += 1
        return character

    def _peek(self) -> str:
        """Return the next character after any spaces, or an empty text at the end."""
        while True:
            match = _SPACE.match(self._window, self._position)
            self._position = match.end() if match else self._position
            if self._position < len(self._window):
                return self._window[self._position]
            if not self._decode_chunk():
                return ""

    def _decode_chunk(self) -> bool:
        """Drop the parsed part of the window and append a chunk. Return False at the end."""
        if self._offset >= len(self._text):
            return False
        unparsed = self._window[self._position :]
        if len(unparsed) > MAX_VALUE_CHARS:
            raise MalformedError(f"not JSON, or an item has more than {MAX_VALUE_CHARS} characters")
        # The window doubles for an item that does not fit, so parsing it again stays cheap.
        chunk_bytes = max(self._chunk_bytes, len(unparsed))
        chunk = self._text[self._offset : self._offset + chunk_bytes]
        self._offset += len(chunk)
        try:
            self._window = unparsed + self._decode(chunk, self._offset >= len(self._text))
        except UnicodeDecodeError as error:
            raise MalformedError("not UTF-8") from error
        self._position = 0
        return True
