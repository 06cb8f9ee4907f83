"""The clock of our processes is set while they run, and set back later."""

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

HOUR = 3_600
YEAR = 365 * 24 * HOUR


# Python runs this before anything else: the wall clock is that of the file, others go on.
_SET = """
import os, pathlib, time
real_time, real_time_ns = time.time, time.time_ns
def offset(file=pathlib.Path(os.environ["CLOCK_FILE"])):
    return int(file.read_text())
time.time = lambda: real_time() + offset()
time.time_ns = lambda: real_time_ns() + offset() * 10**9
"""


class WallClock:
    """The wall clock of the processes that are started with `environment`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        (folder / "sitecustomize.py").write_text(_SET, encoding="ascii")
        self.environment = {"PYTHONPATH": str(folder), "CLOCK_FILE": str(self._file)}
        self.set(0)

    def set(self, offset: int) -> None:
        """Be so many seconds ahead of the real time."""
        self.offset = offset
        made = self._file.with_suffix(".new")
        made.write_text(str(offset), encoding="ascii")
        made.replace(self._file)

    def now(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    folder = tmp_path / "clock"
    folder.mkdir()
    return WallClock(folder)


@pytest.fixture
def recording(stack: Stack, clock: WallClock) -> Stack:
    """A producer, a writer and web on that clock; Redis keeps the real one."""
    stack.start("writer", **clock.environment)
    stack.start("web", **clock.environment)
    stack.start("producer", STRIPCHART_PRODUCER_RATE="20", **clock.environment)
    return stack


def everything(stack: Stack) -> set[tuple[str, int, float]]:
    return set(stack.rows("SELECT name, ts, value FROM readings JOIN series ON id = series_id"))


def greeting(stack: Stack) -> dict[str, Any]:
    connection = websocket.create_connection(
        f"ws://127.0.0.1:{stack.port}/live", timeout=TIMEOUT_SECONDS
    )
    hello: dict[str, Any] = json.loads(connection.recv())
    connection.shutdown()  # type: ignore[no-untyped-call]
    return hello


def _stored(stack: Stack, series: str, count: int) -> bool:
    return len(stack.stored(series)) == count


def use(stack: Stack, name: str) -> None:
    """Send a reading in every way there is, and wait until the database has them."""
    client = stack.redis.client
    wait_until("somebody adopts", lambda: client.exists("readings:lease"))
    wait_until("the writer listens", lambda: client.pubsub_numsub("readings")[0][1] == 2)
    for value in range(3):
        client.publish("readings", json.dumps({"series": f"stranger {name}", "value": value}))
        stack.post("/api/readings", {"series": f"client {name}", "value": value})
    for series in (f"stranger {name}", f"client {name}"):
        wait_until(f"{series} is stored", partial(_stored, stack, series, 3))
    made = len(stack.stored("demo.random"))
    wait_until("the producer goes on", lambda: len(stack.stored("demo.random")) > made + 5)
    wait_until("nothing waits", lambda: stack.get("/readyz")["writer"].get("behind_seconds") == 0)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEAR, -YEAR])
def test_a_clock_that_is_set_loses_nothing(recording: Stack, clock: WallClock, jump: int) -> None:
    use(recording, "before")
    before = everything(recording)
    for offset, name in ((jump, "after"), (0, "at the end")):
        clock.set(offset)
        use(recording, name)
        # Times are those of the moment of arrival.
        ((ts,),) = recording.rows(
            "SELECT max(ts) FROM readings JOIN series ON id = series_id WHERE name = ?",
            f"client {name}",
        )
        assert abs(ts / 1e6 - clock.now()) < 30
        assert abs(greeting(recording)["now"] - clock.now()) < 30
        ready = recording.get("/readyz")
        assert ready["ok"] is True
        assert 0 <= ready["writer"]["behind_seconds"] < 10
        assert ready["gaps"]["count"] == 0
        assert before <= everything(recording)
    # Every reading that was ever acknowledged is in the database, as itself.
    client = recording.redis.client
    published = int(client.hget("readings:state", "r"))
    wait_until(
        "all is stored",
        lambda: recording.rows("SELECT count(*) FROM readings")[0][0] >= published,
    )
    entries = [tuple(map(int, i.split("-"))) for i, _ in client.xrange("readings:journal")]
    assert entries == sorted(set(entries))
    assert recording.rows("SELECT * FROM gaps") == []
    assert recording.rows("SELECT * FROM refused") == []
    assert client.xlen("readings:rejected") == 0


def test_a_time_is_judged_by_the_clock_at_its_arrival(stack: Stack, clock: WallClock) -> None:
    """What was acknowledged is stored, however far ahead it is for a clock that was set back."""
    writer = stack.start("writer", **clock.environment)
    stack.start("web", **clock.environment)
    stack.post("/api/readings", {"series": "a", "value": 1, "ts": clock.now()})
    wait_until("the first is stored", partial(_stored, stack, "a", 1))
    writer.terminate()
    clock.set(YEAR)
    ahead = {"series": "a", "value": 2, "ts": clock.now()}
    stack.post("/api/readings", ahead)
    clock.set(0)
    writer.start()
    wait_until("the second is stored", partial(_stored, stack, "a", 2))
    with pytest.raises(OSError, match="400"):
        stack.post("/api/readings", ahead | {"value": 3})
    assert stack.get("/api/history?series=a")["series"]["a"]["value"] == [1.0, 2.0]


def test_a_redis_whose_clock_was_set_back_goes_on(recording: Stack, clock: WallClock) -> None:
    """Its ids never go back: they stay a year ahead, and say nothing about the time any more."""
    use(recording, "before")
    ahead = int((clock.now() + YEAR) * 1000)
    client = recording.redis.client
    client.xadd("readings:journal", {"x": "by hand"}, id=f"{ahead}-0")
    use(recording, "after")
    newest, _ = client.xrevrange("readings:journal", count=1)[0]
    assert newest.startswith(f"{ahead}-")
    assert recording.rows("SELECT * FROM gaps") == []
    ready = recording.get("/readyz")
    assert ready["ok"] is True
    assert 0 <= ready["writer"]["behind_seconds"] < 10
