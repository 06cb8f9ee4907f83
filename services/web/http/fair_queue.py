"""The queue in which requests wait for their turn, so that no client holds up the others.

Everything but queries and decoding runs in one event loop. Without a queue, a thousand requests
that arrive together would all be handled before the loop sees the next reading for a viewer. So
the loop starts requests for a few milliseconds, and then looks after everything else.
"""

import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Final

import gevent
from gevent.hub import Waiter

_SLICE_SECONDS: Final = 0.003
"""Time for which the event loop starts requests before it looks after other work."""

_MIN_SECONDS: Final = 0.000_05
"""Shortest time that a request counts for."""

_MAX_WAITING: Final = 1_200
"""Requests that may wait in a lane. A thousand viewers may come back together."""

_PERIOD_SECONDS: Final = 0.1
"""Length of a period. The requests of an address that arrive in different ones take turns, so that
a thousand together don't hold up the next one."""


class FairQueue:
    """Starts waiting requests. Lanes of one weight get the same time. Addresses take turns.

    Args:
        slice_seconds: Time after which the event loop looks after other work.
        max_waiting: Requests that may wait in a lane.
        clock: Clock in seconds that measures how long a request keeps the event loop.
    """

    def __init__(
        self,
        slice_seconds: float = _SLICE_SECONDS,
        max_waiting: int = _MAX_WAITING,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._slice_seconds = slice_seconds
        self._max_waiting = max_waiting
        self._clock = clock
        self._lanes: dict[str, _RequestLane] = defaultdict(_RequestLane)
        # The loop runs it once in each of its iterations, so other events come in between.
        self._timer = gevent.get_hub().loop.timer(0.0)
        self._is_started = False
        self._waiting_count = 0

    @property
    def is_busy(self) -> bool:
        """True while requests wait. Any thread may ask for it."""
        return self._waiting_count > 0

    def wait(
        self, lane: str, address: str, weight: int = 1, *, may_be_refused: bool = False
    ) -> bool:
        """Wait for the turn of a request.

        Args:
            lane: Requests of a lane don't wait for those of other lanes.
            address: Requests of an address don't wait for those of other addresses.
            weight: How many times the time of a request of this lane counts.
            may_be_refused: True if a new request of a full lane takes the place of the oldest one.

        Returns:
            True if its turn has come, False if it was refused.
        """
        if not self._is_started:
            self._is_started = True
            self._timer.start(self._start_some)
            return True
        waiter: Waiter[bool] = Waiter()
        waiting = self._lanes[lane]
        waiting.weight = weight
        if not waiting:
            # A lane that was empty gets no more time now than the others.
            used = min((other.used_seconds for other in self._waiting_lanes()), default=0.0)
            waiting.used_seconds = max(waiting.used_seconds, used)
        waiting.add(address, int(self._clock() / _PERIOD_SECONDS), waiter)
        self._waiting_count += 1
        if may_be_refused and waiting.count > self._max_waiting:
            self._waiting_count -= 1
            gevent.get_hub().loop.run_callback(waiting.take_oldest().switch, False)
        has_turn: bool = waiter.get()
        return has_turn

    def _waiting_lanes(self) -> list["_RequestLane"]:
        return [lane for lane in self._lanes.values() if lane]

    def _start_some(self) -> None:
        """Start requests for the length of a slice. This runs in the event loop itself."""
        lanes = self._waiting_lanes()
        if not lanes:
            self._is_started = False
            # Times count only while lanes compete.
            self._lanes.clear()
            return
        begin = now = self._clock()
        while lanes:
            lane = min(lanes, key=lambda lane: lane.used_seconds)
            # It returns when the request's greenlet waits for something, or has ended.
            waiter = lane.take()
            self._waiting_count -= 1
            waiter.switch(True)
            end = self._clock()
            lane.used_seconds += max(end - now, _MIN_SECONDS) * lane.weight
            now, lanes = end, self._waiting_lanes()
            if now >= begin + self._slice_seconds:
                break
        self._timer.start(self._start_some)


_Periods = OrderedDict[int, "deque[Waiter[bool]]"]


class _RequestLane:
    """The waiting requests of a lane. It is true if there are any.

    Attributes:
        used_seconds: Time that the lane has kept the event loop, times its weight.
        weight: How many times this time counts.
        count: Number of waiting requests.
    """

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, _Periods] = OrderedDict()
        self.used_seconds = 0.0
        self.weight = 1
        self.count = 0

    def __bool__(self) -> bool:
        return bool(self._addresses)

    def add(self, address: str, period: int, waiter: "Waiter[bool]") -> None:
        """Add a request of an address that arrived in a period."""
        self.count += 1
        periods = self._addresses.setdefault(address, OrderedDict())
        periods.setdefault(period, deque()).append(waiter)

    def take(self) -> "Waiter[bool]":
        """Remove the next request, and return it."""
        self.count -= 1
        address, periods = self._addresses.popitem(last=False)
        period, waiters = periods.popitem(last=False)
        waiter = waiters.popleft()
        # What has more requests goes to the end of the row.
        if waiters:
            periods[period] = waiters
        if periods:
            self._addresses[address] = periods
        return waiter

    def take_oldest(self) -> "Waiter[bool]":
        """Remove the oldest request of the address that has most of them, and return it."""
        self.count -= 1
        address = max(
            self._addresses, key=lambda each: sum(map(len, self._addresses[each].values()))
        )
        periods = self._addresses[address]
        period = min(periods)
        waiter = periods[period].popleft()
        if not periods[period]:
            del periods[period]
        if not periods:
            del self._addresses[address]
        return waiter
