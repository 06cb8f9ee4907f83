"""What tests put into a journal, and how they look into it and at its channel."""

import time
from dataclasses import replace
from typing import Any

from services.broker import Announcement, Broker, Journal, Message, Subscription
from services.formats.json import decode_entry
from services.position import JOURNAL_START
from services.reading import MICROSECONDS, Reading
from tests.support.waiting import TIMEOUT_SECONDS

STATE = "readings:state"
JOURNAL = "readings:journal"


def bounded(broker: Broker, entries: int = 1_000_000, size: int = 1 << 27) -> Broker:
    """The same Redis with another bound for its journal, in entries and bytes."""
    limits = replace(broker.settings, journal_max_entries=entries, journal_max_bytes=size)
    return Broker(broker.client, limits)


def message(*times: int, series: str = "a") -> Message:
    """A message of readings whose values are their times, in seconds."""
    (made,) = Message.of(Reading(series, t * MICROSECONDS, float(t)) for t in times)
    return made


def singles(start: int, end: int) -> list[Message]:
    """A message for each of these times."""
    return [message(ts) for ts in range(start, end)]


def times(journal: Journal) -> list[int]:
    """The times of all readings that the journal still has, in its order."""
    entries = journal.read(JOURNAL_START, 100_000).entries
    return [r.ts // MICROSECONDS for entry in entries for r in decode_entry(entry.text).readings]


def state(broker: Broker) -> dict[str, str]:
    """The state beside the journal."""
    client: Any = broker.client
    return {key.decode(): value.decode() for key, value in client.hgetall(STATE).items()}


def heard(subscription: Subscription, count: int) -> list[bytes]:
    """The next announcements."""
    texts: list[bytes] = []
    end = time.monotonic() + TIMEOUT_SECONDS
    while len(texts) < count:
        assert time.monotonic() < end, f"waited in vain for {count} announcements: {texts}"
        event = subscription.get(0.1)
        if isinstance(event, Announcement):
            texts.append(event.text)
    return texts


def silent(broker: Broker, subscription: Subscription) -> bool:
    """Whether nothing was announced: the next that is heard is what is published now."""
    broker.client.publish(broker.keys.channel, "the next")
    return heard(subscription, 1) == [b"the next"]
