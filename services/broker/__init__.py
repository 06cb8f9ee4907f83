"""Redis: the journal that every change goes through, and the channels that announce it."""

from services.broker.connection import Broker
from services.broker.entries import Backlog, Entry, Position, Run, Slice
from services.broker.follower import (
    PAGE,
    PAGE_READINGS,
    Arrived,
    Away,
    Began,
    CaughtUp,
    Event,
    Follower,
    Missed,
    after,
)
from services.broker.journal import Journal, Message
from services.broker.lease import Lease
from services.broker.subscription import Announcement, Gap, Subscription

__all__ = [
    "PAGE",
    "PAGE_READINGS",
    "Announcement",
    "Arrived",
    "Away",
    "Backlog",
    "Began",
    "Broker",
    "CaughtUp",
    "Entry",
    "Event",
    "Follower",
    "Gap",
    "Journal",
    "Lease",
    "Message",
    "Missed",
    "Position",
    "Run",
    "Slice",
    "Subscription",
    "after",
]
