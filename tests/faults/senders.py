"""Those who send readings all the time: writers over HTTP, and strangers on the channel."""

import json
import random
import threading
import time
from collections import deque
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faults.client import Client
from tests.faults.ledger import KEYED, TIMELESS, Item, Ledger, Outcome
from tests.faults.stack import CHANNEL

_REMEMBERED: Final = 2_000
_OVERWRITES: Final = 0.2
_BAD: Final = 0.1
_TIMELESS: Final = 0.1
_LINES: Final = 0.2
_RETRIES: Final = 0.6
_PAUSE: Final = 0.1
_FEW: Final = 20
_SECOND: Final = 1_000_000

_FAULTY: Final[tuple[Any, ...]] = (
    {"series": "bad.text", "value": "warm"},
    {"series": "bad.flag", "value": True},
    {"series": "bad.nan", "value": float("nan")},
    {"series": "bad.infinite", "value": float("inf")},
    {"series": "bad.ahead", "value": 1, "ts": 4_000_000_000},
    {"series": "bad.before", "value": 1, "ts": -1},
    {"series": "bad.time", "value": 1, "ts": "yesterday"},
    {"series": "bad\x00name", "value": 1},
    {"series": "", "value": 1},
    {"series": "b" * 201, "value": 1},
    {"series": "bad.nothing"},
    {"value": 1},
    17,
    "text",
)


class Sender(threading.Thread):
    """Sends until told to stop. rate: messages a second, at most."""

    def __init__(self, name: str, seed: int, ledger: Ledger, rate: float) -> None:
        super().__init__(name=name, daemon=True)
        self.failure: BaseException | None = None
        self._random = random.Random(f"{name} {seed}")
        self._ledger = ledger
        self._pause = 1 / rate
        self._stopping = threading.Event()
        self._value = 0
        self._time = int(time.time() - 86_400) * _SECOND

    def stop(self) -> None:
        """Ask it to end, wait, and raise what it ended with if that was an error."""
        self._stopping.set()
        self.join()
        self._close()
        if self.failure is not None:
            raise self.failure

    def run(self) -> None:
        try:
            while not self._stopping.wait(self._pause):
                self._send_one()
        except BaseException as error:  # noqa: BLE001 (it is raised again by stop)
            self.failure = error

    def _send_one(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError

    def _new_value(self) -> float:
        self._value += 1
        return self._value / 8

    def _fresh(self, series: str) -> Item:
        self._time += self._random.randint(1, 1_000)
        return Item(series, self._time, self._new_value())

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


class HttpSender(Sender):
    """Writes batches over HTTP, some of them partly bad, and sends again what got no answer."""

    def __init__(
        self, name: str, seed: int, ledger: Ledger, rate: float, *, port: int, batch: int
    ) -> None:
        super().__init__(name, seed, ledger, rate)
        self._client = Client(port, ledger)
        self._batch = batch
        self._series = [f"{KEYED}{self.name}.{place}" for place in range(3)]
        self._timeless = f"{TIMELESS}{self.name}"
        self._recent: deque[Item] = deque(maxlen=_REMEMBERED)

    def _send_one(self) -> None:
        items, repeatable = self._message()
        lines = self._chance(_LINES)
        sent = self._client.send(items, lines)
        for item, outcome in zip(items, sent.outcomes, strict=True):
            if outcome is Outcome.ACKNOWLEDGED and isinstance(item, Item) and item.ts is not None:
                self._recent.append(item)
        while not sent.understood and repeatable and self._chance(_RETRIES):
            if self._stopping.wait(_PAUSE):
                return
            sent = self._client.send(items, lines)
        if sent.status != 200:
            self._stopping.wait(_PAUSE)

    def _close(self) -> None:
        self._client.close()

    def _message(self) -> tuple[list[Item | object], bool]:
        """What to send, and whether it may be sent again."""
        if self._chance(_TIMELESS):
            count = self._random.randint(1, _FEW)
            return [Item(self._timeless, None, self._new_value()) for _ in range(count)], False
        count = self._random.choice([1, self._random.randint(1, self._batch), self._batch])
        if self._recent and self._chance(_OVERWRITES):
            # Of two values for one time in a message the last one counts, so there are no two.
            old = {(item.series, item.ts) for item in self._random.choices(self._recent, k=count)}
            return [Item(series, ts, self._new_value()) for series, ts in sorted(old)], True
        items: list[Item | object] = [
            self._fresh(self._random.choice(self._series)) for _ in range(count)
        ]
        if self._chance(_BAD):
            for _ in range(self._random.randint(1, 3)):
                items.insert(self._random.randint(0, len(items)), self._random.choice(_FAULTY))
        return items, True


class Stranger(Sender):
    """Publishes bare messages on the channel: they may be stored or not, but never twice."""

    def __init__(self, seed: int, ledger: Ledger, rate: float, port: int) -> None:
        super().__init__("stranger", seed, ledger, rate)
        # Sent again by itself, a message without a time would be another reading.
        self._client = redis.Redis(port=port, socket_timeout=2.0, retry=Retry(NoBackoff(), 0))

    def _send_one(self) -> None:
        kind = self._random.randrange(4)
        if kind == 0:
            text = self._bad()
        elif kind == 1:
            text = self._say(self._fresh(f"{KEYED}{self.name}"))
        elif kind == 2:
            text = self._say(Item(f"{TIMELESS}{self.name}", None, self._new_value()))
        else:
            text = self._say(
                *(Item(f"{TIMELESS}{self.name}", None, self._new_value()) for _ in range(_FEW))
            )
        try:
            self._client.publish(CHANNEL, text)
        except redis.exceptions.RedisError:
            self._stopping.wait(_PAUSE)

    def _close(self) -> None:
        self._client.close()

    def _bad(self) -> bytes:
        faulty = self._random.choice(_FAULTY)
        text = b"{not json" if self._chance(0.2) else json.dumps(faulty).encode()
        self._ledger.note_bad(text)
        return text

    def _say(self, *items: Item) -> bytes:
        self._ledger.note(items, Outcome.UNKNOWN)
        documents = [
            {"series": item.series, "value": item.value}
            | ({} if item.ts is None else {"ts": item.ts / _SECOND})
            for item in items
        ]
        return json.dumps(documents if len(documents) > 1 else documents[0]).encode()
