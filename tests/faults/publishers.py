"""Threads that publish readings all the time: over HTTP, and on the channel."""

import json
import random
import threading
import time
from collections import deque
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faults.fault_stack import CHANNEL
from tests.faults.http_client import HttpClient
from tests.faults.scenario import MICROSECONDS
from tests.faults.send_log import TIMED, UNTIMED, Item, Outcome, SendLog

_RECENT_ITEMS: Final = 2_000
_OVERWRITE_PROBABILITY: Final = 0.2
_BAD_PROBABILITY: Final = 0.1
_UNTIMED_PROBABILITY: Final = 0.1
_LINES_PROBABILITY: Final = 0.2
_RETRY_PROBABILITY: Final = 0.6
_PAUSE_SECONDS: Final = 0.1
_SMALL_BATCH: Final = 20
_DAY_SECONDS: Final = 86_400

_BAD_ITEMS: Final[tuple[Any, ...]] = (
    {"series": "bad.text", "value": "warm"},
    {"series": "bad.flag", "value": True},
    {"series": "bad.nan", "value": float("nan")},
    {"series": "bad.infinite", "value": float("inf")},
    {"series": "bad.ahead", "value": 1, "ts": 4_000_000_000},
    {"series": "bad.before", "value": 1, "ts": -1},
    {"series": "bad.time", "value": 1, "ts": "yesterday"},
    {"series": "bad\x00name", "value": 1},
    {"series": "", "value": 1},
    {"series": "b" * 1_025, "value": 1},
    {"series": "bad.nothing"},
    {"value": 1},
    17,
    "text",
)


class Publisher(threading.Thread):
    """A thread that publishes until it is stopped.

    Attributes:
        failure: The exception that ended the thread, or None.
    """

    def __init__(self, name: str, seed: int, log: SendLog, rate: float) -> None:
        """Prepare the thread.

        Args:
            name: The name of the thread, and a part of the names of its series.
            seed: The seed of its random numbers.
            log: The record of its readings.
            rate: The maximum number of messages a second.
        """
        super().__init__(name=name, daemon=True)
        self.failure: BaseException | None = None
        self._random = random.Random(f"{name} {seed}")
        self._log = log
        self._interval_seconds = 1 / rate
        self._stopping = threading.Event()
        self._last_value = 0
        self._last_ts = int(time.time() - _DAY_SECONDS) * MICROSECONDS

    def stop(self) -> None:
        """Stop the thread and wait for its end. Raises what ended it if that was an error."""
        self._stopping.set()
        self.join()
        self._close()
        if self.failure is not None:
            raise self.failure

    def run(self) -> None:
        try:
            while not self._stopping.wait(self._interval_seconds):
                self._publish_once()
        except BaseException as error:  # noqa: BLE001 (it is raised again by stop)
            self.failure = error

    def _publish_once(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError

    def _next_value(self) -> float:
        self._last_value += 1
        return self._last_value / 8

    def _next_item(self, series: str) -> Item:
        self._last_ts += self._random.randint(1, 1_000)
        return Item(series, self._last_ts, self._next_value())

    def _draw(self, probability: float) -> bool:
        return self._random.random() < probability


class HttpPublisher(Publisher):
    """Publishes batches over HTTP, some with bad items, and repeats batches without a response."""

    def __init__(
        self, name: str, seed: int, log: SendLog, rate: float, *, port: int, batch: int
    ) -> None:
        """Prepare the thread.

        Args:
            name: The name of the thread.
            seed: The seed of its random numbers.
            log: The record of its readings.
            rate: The maximum number of messages a second.
            port: The port of the web service.
            batch: The maximum number of readings in a message.
        """
        super().__init__(name, seed, log, rate)
        self._client = HttpClient(port, log)
        self._max_batch = batch
        self._series = [f"{TIMED}{self.name}.{number}" for number in range(3)]
        self._untimed_series = f"{UNTIMED}{self.name}"
        self._recent: deque[Item] = deque(maxlen=_RECENT_ITEMS)

    def _publish_once(self) -> None:
        items, repeatable = self._message()
        as_lines = self._draw(_LINES_PROBABILITY)
        response = self._client.send(items, as_lines)
        for item, outcome in zip(items, response.outcomes, strict=True):
            if outcome is Outcome.ACKNOWLEDGED and isinstance(item, Item) and item.ts is not None:
                self._recent.append(item)
        while not response.accepted and repeatable and self._draw(_RETRY_PROBABILITY):
            if self._stopping.wait(_PAUSE_SECONDS):
                return
            response = self._client.send(items, as_lines)
        if response.status != 200:
            self._stopping.wait(_PAUSE_SECONDS)

    def _close(self) -> None:
        self._client.close()

    def _message(self) -> tuple[list[Item | object], bool]:
        """Return the items of the next message, and True if it may be sent again."""
        if self._draw(_UNTIMED_PROBABILITY):
            count = self._random.randint(1, _SMALL_BATCH)
            return [
                Item(self._untimed_series, None, self._next_value()) for _ in range(count)
            ], False
        count = self._random.choice([1, self._random.randint(1, self._max_batch), self._max_batch])
        if self._recent and self._draw(_OVERWRITE_PROBABILITY):
            # Of two values for one time in a message the last one counts. The set avoids that.
            old = {(item.series, item.ts) for item in self._random.choices(self._recent, k=count)}
            return [Item(series, ts, self._next_value()) for series, ts in sorted(old)], True
        items: list[Item | object] = [
            self._next_item(self._random.choice(self._series)) for _ in range(count)
        ]
        if self._draw(_BAD_PROBABILITY):
            for _ in range(self._random.randint(1, 3)):
                items.insert(self._random.randint(0, len(items)), self._random.choice(_BAD_ITEMS))
        return items, True


class ExternalPublisher(Publisher):
    """Publishes bare messages on the channel, which may be lost but never stored twice."""

    def __init__(self, seed: int, log: SendLog, rate: float, port: int) -> None:
        """Prepare the thread.

        Args:
            seed: The seed of its random numbers.
            log: The record of its readings.
            rate: The maximum number of messages a second.
            port: The port of Redis.
        """
        super().__init__("external", seed, log, rate)
        # A repeated message without a time would be another reading.
        self._client = redis.Redis(port=port, socket_timeout=2.0, retry=Retry(NoBackoff(), 0))

    def _publish_once(self) -> None:
        kind = self._random.randrange(4)
        if kind == 0:
            text = self._bad_message()
        elif kind == 1:
            text = self._message(self._next_item(f"{TIMED}{self.name}"))
        elif kind == 2:
            text = self._message(self._untimed_item())
        else:
            text = self._message(*(self._untimed_item() for _ in range(_SMALL_BATCH)))
        try:
            self._client.publish(CHANNEL, text)
        except redis.exceptions.RedisError:
            self._stopping.wait(_PAUSE_SECONDS)

    def _close(self) -> None:
        self._client.close()

    def _untimed_item(self) -> Item:
        return Item(f"{UNTIMED}{self.name}", None, self._next_value())

    def _bad_message(self) -> bytes:
        item = self._random.choice(_BAD_ITEMS)
        text = b"{not json" if self._draw(0.2) else json.dumps(item).encode()
        self._log.record_bad(text)
        return text

    def _message(self, *items: Item) -> bytes:
        self._log.record(items, Outcome.UNKNOWN)
        documents = [
            {"series": item.series, "value": item.value}
            | ({} if item.ts is None else {"ts": item.ts / MICROSECONDS})
            for item in items
        ]
        return json.dumps(documents if len(documents) > 1 else documents[0]).encode()
