"""Redis: the journal that every change goes through, and the channels that announce it."""

from services.broker.connection import Broker
from services.broker.journal import Entry, Journal, Message, Position, Run, Slice
from services.broker.lease import Lease
from services.broker.subscription import Announcement, Gap, Subscription

__all__ = [
    "Announcement",
    "Broker",
    "Entry",
    "Gap",
    "Journal",
    "Lease",
    "Message",
    "Position",
    "Run",
    "Slice",
    "Subscription",
]
