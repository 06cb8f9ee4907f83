"""What several processes say, on one output: whole lines, each behind the name of its process."""

from itertools import cycle
from typing import BinaryIO, Final

_COLOURS: Final = (36, 32, 35, 34, 33, 96)


class LineSplitter:
    """Cuts bytes that arrive in pieces into lines.

    longest: bytes at which a line is cut although it has no end yet.
    """

    def __init__(self, longest: int = 65_536) -> None:
        self._longest = longest
        self._rest = b""

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that this piece completes, without their ends."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > self._longest:
            lines += self.end()
        return lines

    def end(self) -> list[bytes]:
        """What is left when nothing more comes: one line or none."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


class Console:
    """An output that lines of several processes are written to.

    names: the processes, in the order of their colours.
    """

    def __init__(self, stream: BinaryIO, names: list[str], *, coloured: bool) -> None:
        self._stream: BinaryIO | None = stream
        width = max(map(len, names))
        self._prefixes = {name: f"{name:<{width}} | ".encode() for name in names}
        if coloured:
            for name, colour in zip(names, cycle(_COLOURS), strict=False):
                self._prefixes[name] = b"\x1b[%dm%s\x1b[0m" % (colour, self._prefixes[name])

    def write(self, name: str, line: bytes | str) -> None:
        """Write one line of this process."""
        if self._stream is None:
            return
        text = line.encode() if isinstance(line, str) else line
        try:
            self._stream.write(self._prefixes[name] + text.rstrip(b"\r") + b"\n")
            self._stream.flush()
        except OSError:
            # The terminal is gone. Nobody reads on, but readings shall still be recorded.
            self._stream = None
