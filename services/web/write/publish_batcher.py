"""The post: writes that come at the same time go to Redis in one round trip.

Each is a call of its own, taken or refused as a whole. Nobody waits for others to come: what
arrives while Redis works on one lot is the next.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import gevent
from gevent.event import AsyncResult

from services.broker import Journal, Message
from services.errors import StripchartError

_MOST_BYTES: Final = 1 << 20
"""Bytes of messages in one lot, if they are of more than one write."""


class _PendingPublish(NamedTuple):
    messages: Sequence[Message]
    done: AsyncResult

    @property
    def size(self) -> int:
        return sum(len(message.text) for message in self.messages)


class PublishBatcher:
    """Takes writes to the journal. A part of each web process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._letters: list[_PendingPublish] = []
        self._running = False

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish these messages, all or none. Raises what `Journal.publish` raises."""
        letter = _PendingPublish(messages, AsyncResult())
        self._letters.append(letter)
        if not self._running:
            self._running = True
            gevent.spawn(self._run)
        letter.done.get()

    def _run(self) -> None:
        try:
            while self._letters:
                self._send(self._lot())
        finally:
            self._running = False

    def _lot(self) -> list[_PendingPublish]:
        size = count = 0
        for letter in self._letters:
            size += letter.size
            if count and size > _MOST_BYTES:
                break
            count += 1
        lot, self._letters = self._letters[:count], self._letters[count:]
        return lot

    def _send(self, lot: list[_PendingPublish]) -> None:
        try:
            answers = self._journal.publish_many([letter.messages for letter in lot])
        except Exception as error:  # noqa: BLE001 (raised again where it was waited for)
            for letter in lot:
                letter.done.set_exception(error)
            return
        for letter, answer in zip(lot, answers, strict=True):
            if isinstance(answer, StripchartError):
                letter.done.set_exception(answer)
            else:
                letter.done.set(answer)
