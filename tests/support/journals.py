"""Helpers that fill a journal, read it, and listen to its channel."""

import time
from dataclasses import replace
from typing import Any

from services.broker import Announcement, Broker, Journal, Message, Subscription
from services.command import Erase
from services.formats.json import decode_entry
from services.position import JOURNAL_START
from services.reading import MICROSECONDS, Reading
from tests.support.waiting import TIMEOUT_SECONDS

CHANNEL = "readings"
STATE = "readings:state"
JOURNAL = "readings:journal"
REJECTED = "readings:rejected"
LEASE = "readings:lease"


def with_bound(broker: Broker, entries: int = 1_000_000, size_bytes: int = 1 << 27) -> Broker:
    """Return a broker of the same Redis with another bound of the journal."""
    limits = replace(broker.settings, journal_max_entries=entries, journal_max_bytes=size_bytes)
    return Broker(broker.client, limits)


def message(*times: int, series: str = "a") -> Message:
    """Return a message of readings whose values are their times in seconds."""
    (encoded,) = Message.of(Reading(series, t * MICROSECONDS, float(t)) for t in times)
    return encoded


def erase(start: int, end: int, series: str = "a") -> Erase:
    """Return the command that erases a range, of which both ends are in seconds."""
    return Erase(series, start * MICROSECONDS, end * MICROSECONDS)


def messages_between(start: int, end: int) -> list[Message]:
    """Return a message of one reading for each second from `start` on and before `end`."""
    return [message(second) for second in range(start, end)]


def readings_in(journal: Journal) -> list[Reading]:
    """Return all readings in the journal, in its order."""
    entries = journal.read(JOURNAL_START, 100_000).entries
    return [r for entry in entries for r in decode_entry(entry.text).readings]


def times(journal: Journal) -> list[int]:
    """Return the times of all readings in the journal in seconds, in its order."""
    return [reading.ts // MICROSECONDS for reading in readings_in(journal)]


def state(broker: Broker) -> dict[str, str]:
    """Return the state of the journal."""
    client: Any = broker.client
    return {key.decode(): value.decode() for key, value in client.hgetall(STATE).items()}


def dead_letters(broker: Broker) -> list[tuple[bytes, str, str]]:
    """Return text, reason and source of each dead letter."""
    entries: Any = broker.client.execute_command("XRANGE", REJECTED, "-", "+")
    rows = [dict(zip(flat[::2], flat[1::2], strict=True)) for _, flat in entries]
    return [(r[b"m"], r[b"reason"].decode(), r[b"source"].decode()) for r in rows]


def has_listeners(broker: Broker) -> bool:
    """Return True if somebody is subscribed to the channel."""
    client: Any = broker.client
    ((_, count),) = client.pubsub_numsub(CHANNEL)
    return bool(count)


def next_texts(subscription: Subscription, count: int) -> list[bytes]:
    """Wait for the next announcements and return their texts."""
    texts: list[bytes] = []
    end = time.monotonic() + TIMEOUT_SECONDS
    while len(texts) < count:
        assert time.monotonic() < end, f"no {count} announcements came: {texts}"
        event = subscription.get(0.1)
        if isinstance(event, Announcement):
            texts.append(event.text)
    return texts


def nothing_announced(broker: Broker, subscription: Subscription) -> bool:
    """Return True if the next announcement is the one that is published here."""
    broker.client.publish(broker.keys.channel, "the next one")
    return next_texts(subscription, 1) == [b"the next one"]
