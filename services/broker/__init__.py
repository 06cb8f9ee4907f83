"""Redis: the journal that every reading and command goes through, and the channels beside it."""

from services.broker.append_script import Appended
from services.broker.backlog import MAX_CALL_BYTES
from services.broker.connection import Broker
from services.broker.database_names import MAX_DATABASE_NAME_CHARS, DatabaseNames
from services.broker.entries import ContiguousBatch, Entry, JournalSnapshot
from services.broker.follower import (
    PAGE_ENTRIES,
    PAGE_READINGS,
    CaughtUp,
    DataLost,
    Disconnected,
    Event,
    Follower,
    Received,
    Started,
    read_after,
)
from services.broker.journal import Journal
from services.broker.lag import Lag
from services.broker.lease import Lease
from services.broker.message import Message
from services.broker.read_ahead import ReadAhead
from services.broker.subscription import Announcement, Resubscribed, Subscription

__all__ = [
    "MAX_CALL_BYTES",
    "MAX_DATABASE_NAME_CHARS",
    "PAGE_ENTRIES",
    "PAGE_READINGS",
    "Announcement",
    "Appended",
    "Broker",
    "CaughtUp",
    "ContiguousBatch",
    "DataLost",
    "DatabaseNames",
    "Disconnected",
    "Entry",
    "Event",
    "Follower",
    "Journal",
    "JournalSnapshot",
    "Lag",
    "Lease",
    "Message",
    "ReadAhead",
    "Received",
    "Resubscribed",
    "Started",
    "Subscription",
    "read_after",
]
