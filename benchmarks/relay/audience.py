"""The viewers' process, seen from outside."""

import json
import subprocess
import sys
from typing import Final, Self

from benchmarks.relay.server import ROOT
from benchmarks.relay.viewers import Received

_STOP_SECONDS: Final = 10.0


class Audience:
    """So many viewers of the server at this port, all of them part of the stream."""

    def __init__(self, port: int, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.relay.viewers", str(port), str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        self._read()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def take(self, expected: int) -> Received:
        """What came since the last time, once so many frames have come or no more do."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{expected}\n")
        self._process.stdin.flush()
        return Received(**json.loads(self._read()))

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the viewers have ended, for the reason above")
        return line
