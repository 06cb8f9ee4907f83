"""Encodings: texts in UTF-8, UTF-16, Windows-1252 or a given encoding become lines in UTF-8.

A text without a sign of its encoding is UTF-8. If it can't be, it is Windows-1252: every byte of it
is a character there, and no two of its characters look like one of UTF-8. Nothing is guessed
within a line: what fits no encoding stays invalid UTF-8, and its line is refused.
"""

import codecs
import re
from collections.abc import Iterable
from typing import Final

from services.errors import MalformedError

UTF8_BOM: Final = codecs.BOM_UTF8

NOT_UTF8: Final = "not UTF-8"
"""Reason why a line is refused, before the encoding of the text is known to be another."""

WINDOWS: Final = "cp1252"
"""Python's name of Windows-1252."""

_UTF8: Final = "utf-8"
_SIGN_BYTES: Final = 4
_BOMS: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF16_LE = re.compile(rb"[\t\n\r -~]\0[\t\n\r -~]\0")
_UTF16_BE = re.compile(rb"\0[\t\n\r -~]\0[\t\n\r -~]")

_BEYOND_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_NOT_IN_WINDOWS: Final = frozenset("\udc81\udc8d\udc8f\udc90\udc9d")

_REPLACED: Final = "\ufffd".encode()
_INVALID: Final = b"\xff"


def detect_encoding(chunks: Iterable[bytes]) -> str | None:
    """Return the encoding of a whole text, None if its first bytes show it.

    A text is Windows-1252 if it has bytes that are not UTF-8, and no character beyond ASCII that
    is. With both, it is damaged UTF-8.
    """
    decoder = codecs.getincrementaldecoder(_UTF8)("surrogateescape")
    has_utf8, bad_bytes, start = False, set[str](), b""
    for chunk in chunks:
        if len(start) < _SIGN_BYTES:
            start = (start + chunk)[:_SIGN_BYTES]
            if _encoding_of_sign(start) is not None:
                return None
        text = decoder.decode(chunk)
        if not text.isascii():
            bad_bytes.update(_BAD_BYTE.findall(text))
            has_utf8 = has_utf8 or _BEYOND_ASCII.search(text) is not None
    bad_bytes.update(decoder.decode(b"", final=True))
    return _UTF8 if has_utf8 or not bad_bytes or bad_bytes & _NOT_IN_WINDOWS else WINDOWS


def check_encoding(name: str) -> str:
    """Return the name of an encoding in Python.

    Raises:
        MalformedError: There is no such encoding.
    """
    try:
        codec = codecs.lookup(name)
        codec.incrementaldecoder().decode(b"")  # TypeError without one
        "".encode(name)
    except (LookupError, TypeError, ValueError) as error:
        raise MalformedError(
            f"unknown encoding {name!r:.50}", "such as utf-8, utf-16, windows-1252 or latin-1"
        ) from error
    return codec.name


def encoding_name(encoding: str) -> str:
    """Return the name of an encoding for people."""
    return "Windows-1252" if encoding == WINDOWS else encoding.upper()


class Utf8Converter:
    """Converts a text that arrives in chunks to UTF-8, with LF as the only line break.

    Args:
        encoding: Encoding of the text, as Python names it; None to detect it.

    Attributes:
        encoding: Encoding of the text, None as long as it is unknown.
    """

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        self._decoder: codecs.IncrementalDecoder | None = None
        self._start: bytes | None = b""
        self._ends_with_cr = False

    def feed(self, chunk: bytes, *, is_last: bool = False) -> bytes:
        """Convert the next bytes. Lines still need `convert_lines`."""
        if self._start is not None:
            self._start += chunk
            if len(self._start) < _SIGN_BYTES and not is_last:
                return b""
            chunk, self._start = self._start, None
            self._begin(chunk)
        if self._decoder is not None:
            text = self._decoder.decode(chunk, final=is_last)
            chunk = text.encode(_UTF8, "replace").replace(_REPLACED, _INVALID)
        return self._with_line_feeds(chunk)

    def convert_lines(self, lines: bytes) -> bytes:
        """Convert whole lines, unless their encoding was known from the start of the text.

        The first line beyond ASCII decides. A later line that contradicts it stays invalid.
        """
        if lines.isascii():
            return lines
        if self.encoding is None:
            first = next(line for line in lines.split(b"\n") if not line.isascii())
            self.encoding = detect_encoding([first]) or _UTF8
        if self.encoding == WINDOWS and self._decoder is None:
            return b"\n".join([_convert_line(line) for line in lines.split(b"\n")])
        # Each part of a joined file may have a byte order mark.
        return lines.removeprefix(UTF8_BOM).replace(b"\n" + UTF8_BOM, b"\n")

    @property
    def note(self) -> str:
        """A sentence about an encoding that people may not expect, or an empty text."""
        return "read as Windows-1252, because it is not UTF-8" if self.encoding == WINDOWS else ""

    def reason(self, reason: str) -> str:
        """Return the reason of a fault in the words that fit the encoding of the text."""
        if reason != NOT_UTF8 or self.encoding is None or self.encoding == _UTF8:
            return reason
        name = encoding_name(self.encoding)
        return f"not {name}, as the rest of the text (--encoding names another one)"

    def _begin(self, start: bytes) -> None:
        """Choose how to decode the text, which begins with these bytes."""
        if self.encoding is None:
            self.encoding = _encoding_of_sign(start)
        if self.encoding is None and start.startswith(UTF8_BOM):
            self.encoding = _UTF8
        if self.encoding not in {None, _UTF8}:
            self._decoder = codecs.getincrementaldecoder(str(self.encoding))("replace")

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        if self._ends_with_cr:
            if chunk.startswith(b"\n"):
                chunk = chunk[1:]
            self._ends_with_cr = not chunk
        if b"\r" in chunk:
            self._ends_with_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk


def _encoding_of_sign(start: bytes) -> str | None:
    """Return the encoding that the first bytes of a text show, if it is UTF-16."""
    encoding = _BOMS.get(start[:2])
    if encoding is None and _UTF16_LE.match(start):
        encoding = "utf-16-le"
    if encoding is None and _UTF16_BE.match(start):
        encoding = "utf-16-be"
    return encoding


def _convert_line(line: bytes) -> bytes:
    """Convert a line from Windows-1252, or make it invalid if it is something else."""
    if line.isascii():
        return line
    if detect_encoding([line]) != WINDOWS:
        return _INVALID + line
    return line.decode(WINDOWS).encode()
