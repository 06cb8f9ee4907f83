"""The clock of our processes is set while they run, and set back later."""

import time
from functools import partial
from pathlib import Path

import pytest

from tests.support.live_clients import LiveClient
from tests.support.processes import ManagedProcess
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

HOUR = 3_600
YEAR = 365 * 24 * HOUR

# Python runs this file before anything else. It moves the wall clock by the offset in a file; the
# monotonic clock is not changed.
_SITECUSTOMIZE = """
import os, pathlib, time
real_time, real_time_ns = time.time, time.time_ns
def offset(file=pathlib.Path(os.environ["CLOCK_FILE"])):
    return int(file.read_text())
time.time = lambda: real_time() + offset()
time.time_ns = lambda: real_time_ns() + offset() * 10**9
"""


class WallClock:
    """The wall clock of the processes that are started with these variables.

    Attributes:
        offset: Seconds ahead of the real time.
        variables: The variables for the processes.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        (folder / "sitecustomize.py").write_text(_SITECUSTOMIZE, encoding="ascii")
        self.variables = {"PYTHONPATH": str(folder), "CLOCK_FILE": str(self._file)}
        self.set(0)

    def set(self, offset: int) -> None:
        """Set the clock this many seconds ahead of the real time."""
        self.offset = offset
        new_file = self._file.with_suffix(".new")
        new_file.write_text(str(offset), encoding="ascii")
        new_file.replace(self._file)

    def now(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    folder = tmp_path / "clock"
    folder.mkdir()
    return WallClock(folder)


@pytest.fixture
def stack(stack: Stack) -> Stack:
    """A stack whose processes are no forks, which would not read `sitecustomize`."""
    stack.service_class = ManagedProcess
    return stack


@pytest.fixture
def moved_stack(stack: Stack, clock: WallClock) -> Stack:
    """A producer, a writer and web on that clock; Redis has the real one."""
    stack.start("writer", **clock.variables)
    stack.start("web", **clock.variables)
    stack.start("producer", STRIPCHART_PRODUCER_RATE="20", **clock.variables)
    return stack


def all_readings(stack: Stack) -> set[tuple[str, int, float]]:
    return set(stack.rows("SELECT name, ts, value FROM readings JOIN series ON id = series_id"))


def server_time(stack: Stack) -> float:
    """Return the time that a viewer is greeted with."""
    with LiveClient(stack.port) as viewer:
        return float(viewer.next_frame()["now"])


def has_stored(stack: Stack, series: str, count: int) -> bool:
    return len(stack.stored(series)) == count


def send_in_every_way(stack: Stack, name: str) -> None:
    """Send readings in every way, and wait until the database has them."""
    client = stack.redis.client
    stack.wait_for_channel_bridge()
    for value in range(3):
        client.publish("readings", f'{{"series":"external {name}","value":{value}}}')
        stack.post("/api/readings", {"series": f"http {name}", "value": value})
    for series in (f"external {name}", f"http {name}"):
        wait_until(f"{series} is stored", partial(has_stored, stack, series, 3))
    before = len(stack.stored("demo.random"))
    wait_until("the producer continues", lambda: len(stack.stored("demo.random")) > before + 5)
    wait_until("there is no lag", lambda: stack.get("/readyz")["writer"].get("behind_seconds") == 0)


def assert_healthy(stack: Stack) -> None:
    ready = stack.get("/readyz")
    assert ready["ok"] is True
    assert 0 <= ready["writer"]["behind_seconds"] < 10
    assert ready["gaps"]["count"] == 0


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEAR, -YEAR])
def test_clock_jump_loses_no_reading(moved_stack: Stack, clock: WallClock, jump: int) -> None:
    stack = moved_stack
    send_in_every_way(stack, "before")
    before = all_readings(stack)
    for offset, name in ((jump, "after"), (0, "at the end")):
        clock.set(offset)
        send_in_every_way(stack, name)
        # Readings without a time get the time of their arrival.
        ((ts,),) = stack.rows(
            "SELECT max(ts) FROM readings JOIN series ON id = series_id WHERE name = ?",
            f"http {name}",
        )
        assert abs(ts / 1e6 - clock.now()) < 30
        assert abs(server_time(stack) - clock.now()) < 30
        assert_healthy(stack)
        assert before <= all_readings(stack)
    # Every acknowledged reading is in the database under its own time.
    client = stack.redis.client
    published = int(client.hget("readings:state", "r"))
    count = "SELECT count(*) FROM readings"
    wait_until("all are stored", lambda: stack.rows(count)[0][0] >= published)
    entries = [tuple(map(int, i.split("-"))) for i, _ in client.xrange("readings:journal")]
    assert entries == sorted(set(entries))
    assert stack.rows("SELECT * FROM gaps") == []
    assert stack.rows("SELECT * FROM refused") == []
    assert client.xlen("readings:rejected") == 0


def test_acknowledged_future_time_is_stored_after_clock_was_set_back(
    stack: Stack, clock: WallClock
) -> None:
    """Only the clock at its arrival decides whether a reading is too far in the future."""
    writer = stack.start("writer", **clock.variables)
    stack.start("web", **clock.variables)
    stack.post("/api/readings", {"series": "a", "value": 1, "ts": clock.now()})
    wait_until("the first is stored", partial(has_stored, stack, "a", 1))
    writer.terminate()
    clock.set(YEAR)
    future = {"series": "a", "value": 2, "ts": clock.now()}
    stack.post("/api/readings", future)
    clock.set(0)
    writer.start()
    wait_until("the second is stored", partial(has_stored, stack, "a", 2))
    with pytest.raises(OSError, match="400"):
        stack.post("/api/readings", future | {"value": 3})
    assert stack.get("/api/history?series=a")["series"]["a"]["value"] == [1.0, 2.0]


def test_journal_ids_ahead_of_the_clock_harm_nothing(moved_stack: Stack, clock: WallClock) -> None:
    """After the clock of Redis was set back, its ids stay a year ahead. They tell no time."""
    stack, client = moved_stack, moved_stack.redis.client
    send_in_every_way(stack, "before")
    future = int((clock.now() + YEAR) * 1000)
    client.xadd("readings:journal", {"x": "by hand"}, id=f"{future}-0")
    send_in_every_way(stack, "after")
    newest, _ = client.xrevrange("readings:journal", count=1)[0]
    assert newest.startswith(f"{future}-")
    assert stack.rows("SELECT * FROM gaps") == []
    assert_healthy(stack)
