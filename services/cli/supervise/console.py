"""One output for several processes: whole lines, each with the name of its process."""

from itertools import cycle
from typing import BinaryIO, Final

from services.json_log import encode_line

_COLORS: Final = (36, 32, 35, 34, 33, 96)
_MAX_LINE_BYTES: Final = 65_536


class LineSplitter:
    """Splits bytes that arrive in chunks into lines.

    Args:
        max_line_bytes: A longer line is cut, although its end has not arrived.
    """

    def __init__(self, max_line_bytes: int = _MAX_LINE_BYTES) -> None:
        self._max_line_bytes = max_line_bytes
        self._incomplete = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk completes, without their line ends."""
        *lines, self._incomplete = (self._incomplete + chunk).split(b"\n")
        if len(self._incomplete) > self._max_line_bytes:
            lines += self.finish()
        return lines

    def finish(self) -> list[bytes]:
        """Return the incomplete last line, as a list of one line or none."""
        line, self._incomplete = self._incomplete, b""
        return [line] if line else []


class Console:
    """The output, to which lines of several processes are written.

    Args:
        stream: The output.
        names: The processes, in the order of their colors.
        colored: True to color the names.
        as_json: True to write nothing but lines of JSON. Those of our processes pass unchanged.
    """

    def __init__(
        self, stream: BinaryIO, names: list[str], *, colored: bool, as_json: bool = False
    ) -> None:
        self._stream: BinaryIO | None = stream
        self._as_json = as_json
        width = max(map(len, names))
        self._prefixes = {name: f"{name:<{width}} | ".encode() for name in names}
        if colored:
            for name, color in zip(names, cycle(_COLORS), strict=False):
                self._prefixes[name] = b"\x1b[%dm%s\x1b[0m" % (color, self._prefixes[name])

    def write(self, name: str, line: bytes | str) -> None:
        """Write one line of a process."""
        if self._stream is None:
            return
        text = (line.encode() if isinstance(line, str) else line).rstrip(b"\r")
        try:
            self._stream.write(self._format(name, text) + b"\n")
            self._stream.flush()
        except OSError:
            # The terminal was closed. Continue to record without output.
            self._stream = None

    def _format(self, name: str, text: bytes) -> bytes:
        if not self._as_json:
            return self._prefixes[name] + text
        if text.startswith(b"{"):
            return text
        return encode_line(name, text.decode(errors="replace")).encode()
