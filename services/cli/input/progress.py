"""How far a long work is, on a line of the terminal that is written again and again."""

import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

_SECONDS: Final = 0.2
_CLEAR: Final = "\r\x1b[2K"


class Progress:
    """Says nothing where there is no terminal."""

    def __init__(
        self, stream: TextIO | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._monotonic = monotonic
        self._is_terminal = self._stream.isatty()
        self._shown = False
        self._due = 0.0

    def show(self, text: Callable[[], str]) -> None:
        """Show this, unless something was shown a moment ago."""
        now = self._monotonic()
        if self._is_terminal and now >= self._due:
            self._due = now + _SECONDS
            self._write(f"{_CLEAR}{text()}")
            self._shown = True

    def print_line(self, line: str) -> None:
        """Write a line that stays, with or without a terminal."""
        self.clear()
        self._write(f"{line}\n")
        self._due = 0.0

    def clear(self) -> None:
        """Take away what is shown."""
        if self._shown:
            self._write(_CLEAR)
            self._shown = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
