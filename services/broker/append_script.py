"""Calls of append.lua, which appends messages or commands to the journal and publishes them."""

import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from services.broker.connection import Broker, translate_errors
from services.broker.lease import Lease
from services.broker.message import EncodedCommand, Message
from services.broker.round_trip import RoundTrip
from services.position import Cursor, EntryId

MAX_STEP_BYTES: Final = 1 << 20
"""Bytes of messages that are published at once.

Redis cuts a subscriber that has 32 MB to read, or 8 MB for a minute.
"""

_EPOCH_BYTES: Final = 6

Items = Sequence[Message | EncodedCommand]


class Appended(NamedTuple):
    """The result of a call.

    Attributes:
        cursor: The cursor after the last message.
        has_backlog: True if the journal has messages that are not published yet.
    """

    cursor: Cursor
    has_backlog: bool


class AppendScript:
    """Calls append.lua for the journal of a broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._script = broker.script("append")
        self._round_trip = RoundTrip(broker.client)
        keys = broker.keys
        self._keys = [keys.journal, keys.state, keys.backlog]

    def call(self, channel: str, items: Items, lease: Lease | None) -> Appended:
        """Append items.

        Args:
            channel: The channel on which they are published.
            items: Messages or commands, at least one.
            lease: The lease that this process must hold, None if it needs none.
        """
        keys, fencing_token = self._keys, ""
        if lease is not None:
            keys, fencing_token = [*keys, lease.key], lease.fencing_token
        arguments = self._arguments(channel, items, fencing_token)
        with translate_errors(self._broker.client):
            return _parse(self._script(keys=keys, args=arguments))

    def call_many(self, channel: str, calls: Sequence[Items]) -> list[Any]:
        """Append for several callers in one round trip.

        Returns:
            The response to each call, which `parse` takes. The script may be unknown to Redis.
        """
        head: list[bytes | str | int] = ["EVALSHA", self._script.sha, len(self._keys), *self._keys]
        commands = [head + self._arguments(channel, items, "") for items in calls]
        with translate_errors(self._broker.client):
            return self._round_trip.run(commands)

    def parse(self, response: Any) -> Appended:
        """Parse a response of `call_many`. Raises what `call` would raise."""
        with translate_errors(self._broker.client):
            if isinstance(response, Exception):
                raise response
        return _parse(response)

    def _arguments(self, channel: str, items: Items, fencing_token: str) -> list[bytes | str | int]:
        settings = self._broker.settings
        arguments: list[bytes | str | int] = [
            channel,
            new_epoch(),
            settings.journal_max_entries,
            settings.journal_max_bytes,
            MAX_STEP_BYTES,
            fencing_token,
        ]
        for item in items:
            arguments += item
        return arguments


def new_epoch() -> str:
    """Return a random name for a new journal."""
    return secrets.token_hex(_EPOCH_BYTES)


def _parse(response: Any) -> Appended:
    epoch, entry, backlog = response
    return Appended(Cursor(epoch.decode(), EntryId.parse(entry)), bool(backlog))
