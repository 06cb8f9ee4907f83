"""Progress of a command, on a line of the terminal that is overwritten."""

import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

_INTERVAL_SECONDS: Final = 0.2
_CLEAR: Final = "\r\x1b[2K"


class Progress:
    """A progress line. Without a terminal only the lines of `print_line` are written.

    Args:
        stream: The output, by default standard error.
        monotonic: Clock in seconds.
    """

    def __init__(
        self, stream: TextIO | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._monotonic = monotonic
        self._is_terminal = self._stream.isatty()
        self._shown = False
        self._next = 0.0

    def show(self, text: Callable[[], str]) -> None:
        """Replace the progress line, at most five times a second.

        Args:
            text: Returns the line. It is called only if the line is shown.
        """
        now = self._monotonic()
        if self._is_terminal and now >= self._next:
            self._next = now + _INTERVAL_SECONDS
            self._write(f"{_CLEAR}{text()}")
            self._shown = True

    def print_line(self, line: str) -> None:
        """Write a line that stays, instead of the progress line."""
        self.clear()
        self._write(f"{line}\n")
        self._next = 0.0

    def clear(self) -> None:
        """Remove the progress line."""
        if self._shown:
            self._write(_CLEAR)
            self._shown = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
