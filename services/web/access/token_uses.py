"""Records when tokens were last used, rarely: each record is a commit of the database."""

import logging
from collections.abc import Callable
from typing import Final

import gevent

from services.access_command import RecordTokenUse
from services.errors import StripchartError
from services.store import StoredToken

logger = logging.getLogger("web")

_INTERVAL_MICROSECONDS: Final = 600_000_000
"""Time between two records of a token."""


class TokenUses:
    """Records uses of tokens in the background.

    Args:
        send: Appends a command to the journal.
    """

    def __init__(self, send: Callable[[RecordTokenUse], object]) -> None:
        self._send = send
        self._sent_at: dict[str, int] = {}

    def note(self, token: StoredToken, now: int) -> None:
        """Record that a token is used, unless it was recorded in the last ten minutes."""
        recorded_at = max(token.used_at or 0, self._sent_at.get(token.hash, 0))
        if now - recorded_at < _INTERVAL_MICROSECONDS:
            return
        self._sent_at = {
            key: at for key, at in self._sent_at.items() if now - at < _INTERVAL_MICROSECONDS
        }
        self._sent_at[token.hash] = now
        gevent.spawn(self._record, RecordTokenUse(token.name, now))

    def _record(self, command: RecordTokenUse) -> None:
        try:
            self._send(command)
        except StripchartError as error:
            logger.debug("the use of a token is not recorded: %s", error)
