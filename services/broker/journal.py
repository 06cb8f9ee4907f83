"""The journal: a Redis stream that every reading goes through, and the state beside it.

An entry holds `m`, the text of a message, or `c`, a command to the writer; and `n`, a dense
number, `r`, the readings so far, and `b`, the bytes so far. The state tells the journal's epoch,
which is made with it and made anew when part of it is lost.
"""

import secrets
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, Self

from redis.exceptions import NoScriptError

from services.broker.connection import SOCKET_TIMEOUT, Broker, translate_errors
from services.broker.entries import (
    ContiguousBatch,
    JournalSnapshot,
    Lag,
    parse_contiguous,
    parse_number,
    parse_sizes,
    parse_snapshot,
)
from services.broker.lease import Lease
from services.command import Command
from services.errors import JournalFullError, LeaseLostError, StripchartError
from services.formats.commands import encode_command
from services.formats.json import encode_message
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId
from services.reading import MAX_READINGS_PER_MESSAGE, Reading

_REJECTED_KEPT: Final = 1_000
_REJECTED_BYTES: Final = 4_096
_EPOCH_BYTES: Final = 6


class Message(NamedTuple):
    """The text of a message without an id. size: the readings in it."""

    size: int
    text: bytes

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> list[Self]:
        """Messages for these readings, as few as hold them."""
        rest = iter(readings)
        parts = iter(lambda: list(islice(rest, MAX_READINGS_PER_MESSAGE)), [])
        return [cls(len(part), encode_message(part)) for part in parts]


class _CommandText(NamedTuple):
    """A command as the script takes it: among messages, and told from them by its kind."""

    kind: str
    text: bytes


class Journal:
    """Appending to the journal and reading it. All methods may raise BrokerUnavailableError."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._client = broker.client
        self._names = broker.keys
        self._append = broker.script("append")
        self._open = broker.script("open")
        self._commit = broker.script("commit")
        self._look_script = broker.script("look")

    def publish(self, messages: Sequence[Message]) -> Cursor:
        """Append and publish these messages, all or none; returns the cursor after them.

        Raises JournalFullError when they don't fit. After a BrokerUnavailableError they may have
        been taken or not; to send them again is harmless.
        """
        return self._send(self._names.channel, messages, None)

    def publish_many(self, calls: Sequence[Sequence[Message]]) -> list[Cursor | StripchartError]:
        """Publish for several callers in one round trip: of each, all messages or none.

        Gives for each its cursor, or what `publish` would raise. Raises BrokerUnavailableError
        where that can't be told for any of them.
        """
        keys = [self._names.journal, self._names.state]
        with translate_errors(self._client), self._client.pipeline(transaction=False) as pipeline:
            for messages in calls:
                pipeline.evalsha(
                    self._append.sha,
                    len(keys),
                    *keys,
                    *self._arguments(self._names.channel, messages),
                )
            answers = pipeline.execute(raise_on_error=False)
        return [
            self._answer(messages, answer) for messages, answer in zip(calls, answers, strict=True)
        ]

    def _answer(self, messages: Sequence[Message], answer: Any) -> Cursor | StripchartError:
        try:
            if isinstance(answer, NoScriptError):
                # Redis was started anew: this call loads the script.
                return self.publish(messages)
            with translate_errors(self._client):
                if isinstance(answer, Exception):
                    raise answer
        except StripchartError as error:
            return error
        epoch, entry = answer
        return Cursor(epoch.decode(), EntryId.parse(entry))

    def append_external(self, messages: Sequence[Message], lease: Lease) -> Cursor:
        """Append a stranger's messages and announce them; only the holder of the lease may.

        Raises LeaseLostError, JournalFullError.
        """
        return self._send(self._names.adopted, messages, lease)

    def send_commands(self, commands: Sequence[Command]) -> Cursor:
        """Append commands to the writer and announce them, all or none; the cursor after them.

        Raises JournalFullError. To send them again after a BrokerUnavailableError does them again,
        to what has come meanwhile as well.
        """
        orders = [_CommandText("c", encode_command(command)) for command in commands]
        return self._send(self._names.commands, orders, None)

    def _send(
        self, channel: str, messages: Sequence[Message | _CommandText], lease: Lease | None
    ) -> Cursor:
        if not messages:
            raise ValueError("no messages")
        keys = [self._names.journal, self._names.state]
        if lease is not None:
            keys.append(lease.key)
        arguments = self._arguments(
            channel, messages, lease.fencing_token if lease is not None else ""
        )
        with translate_errors(self._client):
            epoch, entry = self._append(keys=keys, args=arguments)
        return Cursor(epoch.decode(), EntryId.parse(entry))

    def _arguments(
        self, channel: str, messages: Sequence[Message | _CommandText], token: str = ""
    ) -> list[bytes | str | int]:
        """What the script is told: see append.lua."""
        settings = self._broker.settings
        arguments: list[bytes | str | int] = [
            channel,
            new_epoch(),
            settings.journal_max_entries,
            settings.journal_max_bytes,
            token,
        ]
        for message in messages:
            arguments += message
        return arguments

    def open(self, lost: str = "") -> str:
        """The journal's epoch; the journal is made where there is none.

        lost: an epoch whose newest entries were seen to be missing; it gets a successor.
        """
        with translate_errors(self._client):
            epoch = self._open(
                keys=[self._names.journal, self._names.state], args=[new_epoch(), lost]
            )
        return str(epoch.decode())

    def epoch(self) -> str | None:
        """The journal's epoch, or None when there is no journal."""
        with translate_errors(self._client):
            epoch = self._client.hget(self._names.state, "epoch")
        return epoch.decode() if isinstance(epoch, bytes) else None

    def read(self, after: EntryId, count: int) -> JournalSnapshot:
        """Up to `count` entries after this one, and the state of the same moment."""
        return parse_snapshot(self._look(after, count))

    def read_after(self, position: Checkpoint, count: int) -> ContiguousBatch | JournalSnapshot:
        """Up to `count` entries after a position: a run if they are one, and nothing is missing."""
        seen = self._look(position.cursor.entry, count)
        return parse_contiguous(seen, position, count) or parse_snapshot(seen)

    def end(self) -> Checkpoint:
        """The position after the last entry. Makes the journal where there is none."""
        self.open()
        (epoch, n, r), _, _, last = self._look(JOURNAL_START, 1)
        entry = EntryId.parse(last[0][0]) if last else JOURNAL_START
        return Checkpoint(Cursor(epoch.decode(), entry), parse_number(n), parse_number(r))

    def lag(self) -> Lag:
        """What the database has not committed yet: all of it while no writer has told."""
        with translate_errors(self._client), self._client.pipeline(transaction=False) as pipeline:
            pipeline.hmget(self._names.state, ["n", "b", "committed"])
            pipeline.execute_command("XRANGE", self._names.journal, "-", "+", "COUNT", 1)
            (n, b, committed), first = pipeline.execute()
            if committed is not None:
                pipeline.execute_command("XRANGE", self._names.journal, committed, committed)
                (found,) = pipeline.execute()
                if found:
                    _, entry, size = parse_sizes(found[0])
                    return Lag(max(0, parse_number(n) - entry), max(0, parse_number(b) - size))
        if not first:
            return Lag(0, 0)
        length, entry, size = parse_sizes(first[0])
        return Lag(parse_number(n) - entry + 1, parse_number(b) - size + length)

    def _look(self, after: EntryId, count: int) -> list[Any]:
        """The state, the first entry, those after this one, and the last, at one moment."""
        journal, start = self._names.journal, f"({after}"
        try:
            with (
                translate_errors(self._client),
                self._client.pipeline(transaction=True) as pipeline,
            ):
                pipeline.hmget(self._names.state, ["epoch", "n", "r"])
                pipeline.execute_command("XRANGE", journal, "-", "+", "COUNT", 1)
                pipeline.execute_command("XRANGE", journal, start, "+", "COUNT", count)
                pipeline.execute_command("XREVRANGE", journal, "+", "-", "COUNT", 1)
                return pipeline.execute()
        except JournalFullError:
            # Out of memory, Redis refuses transactions. The script costs it thrice as much.
            with translate_errors(self._client):
                return list(
                    self._look_script(keys=[journal, self._names.state], args=[start, count])
                )

    def wait_for_entry(self, after: EntryId, seconds: float) -> None:
        """Wait until there is an entry after this one, but not longer than this."""
        if seconds > SOCKET_TIMEOUT / 2:
            raise ValueError("a blocking read must end before the socket's timeout")
        with translate_errors(self._client):
            self._client.execute_command(
                "XREAD", "COUNT", 1, "BLOCK", max(1, int(seconds * 1000)),
                "STREAMS", self._names.journal, str(after),
            )  # fmt: skip

    def acknowledge(self, position: Checkpoint, lease: Lease) -> None:
        """Note that the database has taken the journal up to here, and trim behind it.

        Up to half of the journal's bound is kept for replays. Raises LeaseLostError when the
        lease or the journal's epoch is not the caller's any more.
        """
        settings = self._broker.settings
        with translate_errors(self._client):
            done = self._commit(
                keys=[self._names.journal, self._names.state, lease.key],
                args=[
                    lease.fencing_token,
                    position.cursor.epoch,
                    str(position.cursor.entry),
                    settings.journal_max_entries // 2,
                    settings.journal_max_bytes // 2,
                ],
            )
        if not done:
            raise LeaseLostError("another writer holds the lease, or the journal is a new one")

    def add_dead_letters(self, faults: Iterable[tuple[bytes, str]], source: str) -> None:
        """Keep texts that could not be stored, each with its reason, for a look at them."""
        with translate_errors(self._client), self._client.pipeline(transaction=False) as pipeline:
            for text, reason in faults:
                pipeline.xadd(
                    self._names.rejected,
                    {"m": text[:_REJECTED_BYTES], "reason": reason, "source": source},
                    maxlen=_REJECTED_KEPT,
                )
            pipeline.execute()


def new_epoch() -> str:
    """A name for a journal that no other has."""
    return secrets.token_hex(_EPOCH_BYTES)
