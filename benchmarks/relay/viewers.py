"""Many viewers in one process that only read and note how long each frame took.

`python -m benchmarks.relay.viewers PORT COUNT` connects, says so, and goes on reading. For each
line with a number on its input it waits until so many frames have come, or no more do, and writes
what came since the last time.
"""

import json
import selectors
import socket
import sys
import time
from array import array
from typing import Final, NamedTuple

from benchmarks.relay import frame

_UPGRADE: Final = (
    b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c3RyaXBjaGFydCBiZW5jaA==\r\n\r\n"
)
_JOIN_SECONDS: Final = 30.0
_QUIET_SECONDS: Final = 5.0
_IN_TIME_NS: Final = 1_000_000_000
_MOST: Final = 65_536


class Received(NamedTuple):
    """What came in a window, and what reading it took.

    in_time: frames that took less than a second; p50, p99: of all frames, seconds; cpu: seconds.
    """

    frames: int
    in_time: int
    p50: float
    p99: float
    cpu: float


class Viewer:
    """One connection, and the part of a frame that came without its rest."""

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port), _JOIN_SECONDS)
        self.connection.sendall(_UPGRADE)
        self._rest = b""

    def join(self) -> None:
        """Wait for the first frame, which says that this viewer takes part. Raises RuntimeError."""
        # Nothing follows that frame until all have joined, so no byte is lost with the reader.
        with self.connection.makefile("rb") as reader:
            status = reader.readline()
            if b" 101 " not in status:
                raise RuntimeError(f"no WebSocket was opened: {status!r}")
            while reader.readline() != b"\r\n":
                pass
            frame.stamp_of(reader.read(frame.SIZE), 0)

    def read(self, took: "array[int]") -> None:
        """Note how long each frame that is here took, in ns. Raises RuntimeError at the end."""
        data = self.connection.recv(_MOST)
        now = time.monotonic_ns()
        if not data:
            raise RuntimeError("the server has cut a viewer")
        data = self._rest + data
        whole = len(data) - len(data) % frame.SIZE
        for start in range(0, whole, frame.SIZE):
            took.append(now - frame.stamp_of(data, start))
        self._rest = data[whole:]


def received(took: "array[int]", cpu: float) -> Received:
    """Sum a window up."""
    ordered = sorted(took)
    if not ordered:
        return Received(0, 0, 0.0, 0.0, cpu)
    last = len(ordered) - 1
    return Received(
        len(ordered),
        sum(one < _IN_TIME_NS for one in ordered),
        ordered[last // 2] / 1e9,
        ordered[last * 99 // 100] / 1e9,
        cpu,
    )


def watch(viewers: list[Viewer]) -> None:
    """Read until the input ends."""
    took = array("q")
    due: int | None = None
    since = time.process_time()
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        for viewer in viewers:
            selector.register(viewer.connection, selectors.EVENT_READ, viewer)
        while True:
            events = selector.select(None if due is None else _QUIET_SECONDS)
            for key, _events in events:
                if isinstance(key.data, Viewer):
                    key.data.read(took)
                elif line := sys.stdin.readline():
                    due = int(line)
                else:
                    return
            if due is not None and (len(took) >= due or not events):
                window = received(took, time.process_time() - since)
                print(json.dumps(window._asdict()), flush=True)
                del took[:]
                due = None
                since = time.process_time()


def main() -> None:
    """Connect all viewers and watch."""
    port, count = map(int, sys.argv[1:])
    viewers = [Viewer(port) for _ in range(count)]
    for viewer in viewers:
        viewer.join()
        viewer.connection.setblocking(False)
    print("joined", flush=True)
    watch(viewers)


if __name__ == "__main__":
    main()
