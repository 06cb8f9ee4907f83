"""A feed of many series, each with a new reading at a fixed rate."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading
from services.settings import Settings

_PARTS: Final = 10
"""Parts of the series, which are published one after the other, so that not all come at once."""


def publish_past(settings: Settings, names: list[str], seconds: float, count: int) -> None:
    """Publish some readings of each series, evenly over the time until now."""
    broker = Broker.connect(settings)
    now = now_microseconds()
    step = round(seconds * MICROSECONDS / count)
    for past in range(count, 0, -1):
        Journal(broker).publish(Message.of(_readings(names, now - past * step)))
    broker.close()


@contextmanager
def feeding(settings: Settings, names: list[str], interval_seconds: float = 1.0) -> Iterator[None]:
    """Publish a reading of each series in each interval, for the duration of a `with` block."""
    stop = threading.Event()
    broker = Broker.connect(settings)
    journal = Journal(broker)
    size = -(-len(names) // _PARTS)

    def publish() -> None:
        start = 0
        while not stop.wait(interval_seconds / _PARTS):
            part = names[start : start + size]
            journal.publish(Message.of(_readings(part, now_microseconds())))
            start = start + size if start + size < len(names) else 0

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        broker.close()


def _readings(names: list[str], ts: int) -> list[Reading]:
    phase = ts / MICROSECONDS / 60
    return [Reading(name, ts, 20 + math.sin(phase + i)) for i, name in enumerate(names)]
