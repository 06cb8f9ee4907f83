"""The journal: a Redis stream that every reading goes through, and a hash with its state.

An entry holds the text of a message (`m`) or of a command (`c`), and three counters: a sequence
number without holes (`n`), the readings so far (`r`), and the bytes so far (`b`). The state holds
the journal's epoch, a random name that changes when part of the journal is lost.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, Final

from redis.exceptions import NoScriptError

from services.broker.connection import SOCKET_TIMEOUT_SECONDS, Broker, translate_errors
from services.broker.entries import (
    ContiguousBatch,
    JournalSnapshot,
    parse_contiguous,
    parse_number,
    parse_snapshot,
)
from services.broker.lag import Lag, read_lag
from services.broker.lease import Lease
from services.broker.message import EncodedCommand, Message
from services.broker.truncation import TruncationMark
from services.command import Command
from services.errors import JournalFullError, LeaseLostError, StripchartError
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId

_MAX_DEAD_LETTERS: Final = 1_000
_MAX_DEAD_LETTER_BYTES: Final = 4_096
_EPOCH_BYTES: Final = 6


class Journal:
    """Appends to the journal and reads it. All methods may raise BrokerUnavailableError.

    Attributes:
        truncation: The mark that its newest entries may be lost.
    """

    def __init__(self, broker: Broker) -> None:
        self.truncation = TruncationMark(broker)
        self._broker = broker
        self._client = broker.client
        self._keys = broker.keys
        self._append_script = broker.script("append")
        self._open_script = broker.script("open")
        self._acknowledge_script = broker.script("acknowledge")
        self._snapshot_script = broker.script("snapshot")

    def publish(self, messages: Sequence[Message]) -> Cursor:
        """Append and publish messages, all or none.

        Returns:
            The cursor after the last message.

        Raises:
            JournalFullError: The messages don't fit.
            BrokerUnavailableError: The messages may or may not have been appended. Sending them
                again is harmless.
        """
        return self._append(self._keys.channel, messages, None)

    def publish_many(self, calls: Sequence[Sequence[Message]]) -> list[Cursor | StripchartError]:
        """Publish for several callers in one round trip: all messages of a caller, or none.

        Returns:
            The result for each caller: the cursor, or the error that `publish` would raise.

        Raises:
            BrokerUnavailableError: The result is not known for any caller.
        """
        keys = [self._keys.journal, self._keys.state]
        with translate_errors(self._client), self._client.pipeline(transaction=False) as pipeline:
            for messages in calls:
                arguments = self._append_arguments(self._keys.channel, messages)
                pipeline.evalsha(self._append_script.sha, len(keys), *keys, *arguments)
            responses = pipeline.execute(raise_on_error=False)
        return [
            self._publish_result(messages, response)
            for messages, response in zip(calls, responses, strict=True)
        ]

    def _publish_result(
        self, messages: Sequence[Message], response: Any
    ) -> Cursor | StripchartError:
        try:
            if isinstance(response, NoScriptError):
                # Redis was restarted: this call loads the script.
                return self.publish(messages)
            with translate_errors(self._client):
                if isinstance(response, Exception):
                    raise response
        except StripchartError as error:
            return error
        epoch, entry = response
        return Cursor(epoch.decode(), EntryId.parse(entry))

    def append_external(self, messages: Sequence[Message], lease: Lease) -> Cursor:
        """Append external messages, and publish them with their ids on the channel `adopted`.

        Args:
            messages: The messages.
            lease: The writer's lease, which this process must hold.

        Returns:
            The cursor after the last message.

        Raises:
            LeaseTakenError: Another writer holds the lease.
            LeaseLostError: The lease has expired.
            JournalFullError: The messages don't fit.
        """
        return self._append(self._keys.adopted, messages, lease)

    def send_commands(self, commands: Sequence[Command]) -> Cursor:
        """Append commands to the writer and announce them, all or none.

        Sending them again after a BrokerUnavailableError carries them out twice, the second time
        also on readings that came in between.

        Returns:
            The cursor after the last command.

        Raises:
            JournalFullError: The commands don't fit.
        """
        encoded = [EncodedCommand.of(command) for command in commands]
        return self._append(self._keys.commands, encoded, None)

    def _append(
        self, channel: str, items: Sequence[Message | EncodedCommand], lease: Lease | None
    ) -> Cursor:
        if not items:
            raise ValueError("no messages")
        keys, fencing_token = [self._keys.journal, self._keys.state], ""
        if lease is not None:
            keys.append(lease.key)
            fencing_token = lease.fencing_token
        arguments = self._append_arguments(channel, items, fencing_token)
        with translate_errors(self._client):
            epoch, entry = self._append_script(keys=keys, args=arguments)
        return Cursor(epoch.decode(), EntryId.parse(entry))

    def _append_arguments(
        self, channel: str, items: Sequence[Message | EncodedCommand], fencing_token: str = ""
    ) -> list[bytes | str | int]:
        """Return the arguments of append.lua."""
        settings = self._broker.settings
        arguments: list[bytes | str | int] = [
            channel,
            new_epoch(),
            settings.journal_max_entries,
            settings.journal_max_bytes,
            fencing_token,
        ]
        for item in items:
            arguments += item
        return arguments

    def open(self, lost: str = "") -> str:
        """Return the journal's epoch. Create the journal if it is missing.

        Args:
            lost: An epoch whose newest entries are lost. If it is still the journal's epoch, the
                journal gets a new one.
        """
        keys = [self._keys.journal, self._keys.state]
        with translate_errors(self._client):
            epoch = self._open_script(keys=keys, args=[new_epoch(), lost])
        return str(epoch.decode())

    def epoch(self) -> str | None:
        """Return the journal's epoch, or None if there is no journal."""
        with translate_errors(self._client):
            epoch = self._client.hget(self._keys.state, "epoch")
        return epoch.decode() if isinstance(epoch, bytes) else None

    def read(self, after: EntryId, max_entries: int) -> JournalSnapshot:
        """Read the state and at most `max_entries` entries after the given one."""
        return parse_snapshot(self._read(after, max_entries))

    def read_after(
        self, position: Checkpoint, max_entries: int
    ) -> ContiguousBatch | JournalSnapshot:
        """Read at most `max_entries` entries after a checkpoint.

        Returns:
            A batch if the entries are all messages and directly follow the checkpoint, otherwise
            a snapshot.
        """
        response = self._read(position.cursor.entry, max_entries)
        return parse_contiguous(response, position, max_entries) or parse_snapshot(response)

    def end(self) -> Checkpoint:
        """Return the checkpoint after the last entry. Create the journal if it is missing."""
        self.open()
        (epoch, n, r), _, _, last = self._read(JOURNAL_START, 1)
        entry = EntryId.parse(last[0][0]) if last else JOURNAL_START
        return Checkpoint(Cursor(epoch.decode(), entry), parse_number(n), parse_number(r))

    def lag(self, committed: EntryId | None = None) -> Lag:
        """Return the part of the journal that the database has not committed yet.

        Args:
            committed: The last entry that the database holds; by default the one that the writer
                acknowledged last.
        """
        return read_lag(self._broker, committed)

    def _read(self, after: EntryId, max_entries: int) -> list[Any]:
        """Read state, first entry, entries after the given one, and last entry at one moment."""
        journal, start = self._keys.journal, f"({after}"
        try:
            with (
                translate_errors(self._client),
                self._client.pipeline(transaction=True) as pipeline,
            ):
                pipeline.hmget(self._keys.state, ["epoch", "n", "r"])
                pipeline.execute_command("XRANGE", journal, "-", "+", "COUNT", 1)
                pipeline.execute_command("XRANGE", journal, start, "+", "COUNT", max_entries)
                pipeline.execute_command("XREVRANGE", journal, "+", "-", "COUNT", 1)
                return pipeline.execute()
        except JournalFullError:
            # Out of memory, Redis refuses transactions. The script takes it three times as long.
            keys = [journal, self._keys.state]
            with translate_errors(self._client):
                return list(self._snapshot_script(keys=keys, args=[start, max_entries]))

    def wait_for_entry(self, after: EntryId, seconds: float) -> None:
        """Wait until there is an entry after the given one, but at most the given seconds.

        Raises:
            ValueError: Redis might answer only after the socket's timeout.
        """
        if seconds > SOCKET_TIMEOUT_SECONDS / 2:
            raise ValueError("a blocking read must end before the socket's timeout")
        with translate_errors(self._client):
            self._client.execute_command(
                "XREAD", "COUNT", 1, "BLOCK", max(1, int(seconds * 1000)),
                "STREAMS", self._keys.journal, str(after),
            )  # fmt: skip

    def acknowledge(self, position: Checkpoint, lease: Lease) -> None:
        """Tell Redis that the database holds everything up to a checkpoint, and trim behind it.

        Up to half of the journal's bound stays as the replay window.

        Args:
            position: The checkpoint that the database has committed.
            lease: The writer's lease, which this process must hold.

        Raises:
            LeaseLostError: This process does not hold the lease, or the journal has a new epoch.
            JournalFullError: Redis can't store the checkpoint.
        """
        settings = self._broker.settings
        with translate_errors(self._client):
            accepted = self._acknowledge_script(
                keys=[self._keys.journal, self._keys.state, lease.key],
                args=[
                    lease.fencing_token,
                    position.cursor.epoch,
                    str(position.cursor.entry),
                    settings.journal_max_entries // 2,
                    settings.journal_max_bytes // 2,
                ],
            )
        if not accepted:
            raise LeaseLostError("another writer holds the lease, or the journal has a new epoch")

    def add_dead_letters(self, letters: Iterable[tuple[bytes, str]], source: str) -> None:
        """Keep texts that could not be stored, so that somebody can examine them.

        Args:
            letters: Each text with the reason why it could not be stored.
            source: The input that the texts came from, such as "channel".

        Raises:
            JournalFullError: Redis can't store them.
        """
        with translate_errors(self._client), self._client.pipeline(transaction=False) as pipeline:
            for text, reason in letters:
                pipeline.xadd(
                    self._keys.rejected,
                    {"m": text[:_MAX_DEAD_LETTER_BYTES], "reason": reason, "source": source},
                    maxlen=_MAX_DEAD_LETTERS,
                )
            pipeline.execute()


def new_epoch() -> str:
    """Return a random name for a new journal."""
    return secrets.token_hex(_EPOCH_BYTES)
