"""The journal: a Redis stream that every reading goes through, and a hash with its state.

An entry holds the text of a message (`m`) or of a command (`c`), and three counters: a sequence
number without holes (`n`), the readings so far (`r`), and the bytes so far (`b`). The state holds
the journal's epoch, a random name that changes when part of the journal is lost.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from redis.exceptions import NoScriptError

from services.broker.append_script import MAX_STEP_BYTES, Appended, AppendScript, Items, new_epoch
from services.broker.backlog import Backlog
from services.broker.commit_requests import CommitWaiter
from services.broker.connection import SOCKET_TIMEOUT_SECONDS, Broker, translate_errors
from services.broker.dead_letters import add_dead_letters
from services.broker.entries import (
    STATE_FIELDS,
    ContiguousBatch,
    JournalSnapshot,
    is_sound,
    parse_contiguous,
    parse_number,
    parse_snapshot,
)
from services.broker.lag import Lag, read_lag
from services.broker.lease import Lease
from services.broker.message import EncodedCommand, Message
from services.broker.round_trip import RoundTrip
from services.broker.truncation import TruncationMark
from services.command import Command
from services.errors import (
    BrokerUnavailableError,
    JournalDamagedError,
    JournalFullError,
    LeaseLostError,
    StripchartError,
)
from services.position import JOURNAL_START, Checkpoint, Cursor, EntryId

logger = logging.getLogger("broker")


class Journal:
    """Appends to the journal and reads it. All methods may raise BrokerUnavailableError.

    Attributes:
        truncation: The mark that its newest entries may be lost.
        backlog: Publishes what large calls have appended.
        commits: Asks the writer to commit.
        broker: The connection to Redis.
    """

    def __init__(self, broker: Broker) -> None:
        self.truncation = TruncationMark(broker)
        self.backlog = Backlog(broker)
        self.commits = CommitWaiter(broker)
        self.broker = broker
        self._client = broker.client
        self._round_trip = RoundTrip(broker.client)
        self._keys = broker.keys
        self._append_script = AppendScript(broker)
        self._open_script = broker.script("open")
        self._acknowledge_script = broker.script("acknowledge")
        self._snapshot_script = broker.script("snapshot")

    def publish(self, messages: Sequence[Message]) -> Cursor:
        """Append and publish messages, all or none.

        Many bytes are published in steps, which ends before this returns.

        Returns:
            The cursor after the last message.

        Raises:
            JournalFullError: The messages don't fit.
            BrokerUnavailableError: The messages may or may not have been appended. Sending them
                again is harmless.
        """
        return self._append(self._keys.channel, messages, None)

    def publish_many(self, calls: Sequence[Sequence[Message]]) -> list[Appended | StripchartError]:
        """Publish for several callers in one round trip: all messages of a caller, or none.

        The caller publishes the backlog, if there is one.

        Returns:
            The result for each caller: where its messages are, or the error that `publish` would
            raise.

        Raises:
            BrokerUnavailableError: The result is not known for any caller.
        """
        responses = self._append_script.call_many(self._keys.channel, calls)
        return [
            self._publish_result(messages, response)
            for messages, response in zip(calls, responses, strict=True)
        ]

    def _publish_result(
        self, messages: Sequence[Message], response: Any
    ) -> Appended | StripchartError:
        try:
            with suppress(JournalDamagedError):
                if not isinstance(response, NoScriptError):
                    return self._append_script.parse(response)
            # This call repairs the state, or loads the script into a Redis that was restarted.
            return self._call_append(self._keys.channel, messages, None)
        except StripchartError as error:
            return error

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

    def _append(self, channel: str, items: Items, lease: Lease | None) -> Cursor:
        if not items:
            raise ValueError("no messages")
        cursor, has_backlog = self._call_append(channel, items, lease)
        if has_backlog:
            # They are appended in any case, and another process publishes what is left.
            with suppress(BrokerUnavailableError, JournalFullError):
                if sum(len(item.text) for item in items) > MAX_STEP_BYTES:
                    self.backlog.publish_all()
                else:
                    self.backlog.publish_step()
        return cursor

    def _call_append(self, channel: str, items: Items, lease: Lease | None) -> Appended:
        try:
            return self._append_script.call(channel, items, lease)
        except JournalDamagedError:
            self.open()
            return self._append_script.call(channel, items, lease)

    def open(self, lost: str = "") -> str:
        """Return the journal's epoch. Create the journal if it is missing, repair its state.

        Args:
            lost: An epoch whose newest entries are lost. If it is still the journal's epoch, the
                journal gets a new one.
        """
        keys = [self._keys.journal, self._keys.state, self._keys.backlog]
        with translate_errors(self._client):
            epoch, repaired = self._open_script(keys=keys, args=[new_epoch(), lost])
        if repaired:
            logger.error(
                "another program has written to %s in Redis; its counters were repaired",
                self._keys.state,
            )
        return str(epoch.decode())

    def epoch(self) -> str | None:
        """Return the journal's epoch, or None if there is no journal."""
        with translate_errors(self._client):
            epoch = self._client.hget(self._keys.state, "epoch")
        return epoch.decode(errors="replace") if isinstance(epoch, bytes) else None

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
        (epoch, n, r, *_), _, _, last = self._read(JOURNAL_START, 1)
        entry = EntryId.parse(last[0][0]) if last else JOURNAL_START
        return Checkpoint(Cursor(epoch.decode(), entry), parse_number(n), parse_number(r))

    def lag(self, committed: EntryId | None = None) -> Lag:
        """Return the part of the journal that the database has not committed yet.

        Args:
            committed: The last entry that the database holds; by default the one that the writer
                acknowledged last.
        """
        return read_lag(self.broker, committed)

    def _read(self, after: EntryId, max_entries: int) -> list[Any]:
        """Read state, first entry, entries after the given one, and last entry at one moment."""
        response = self._read_once(after, max_entries)
        if is_sound(response[0]):
            return response
        self.open()
        return self._read_once(after, max_entries)

    def _read_once(self, after: EntryId, max_entries: int) -> list[Any]:
        journal, start = self._keys.journal, f"({after}"
        try:
            with translate_errors(self._client):
                return self._round_trip.run_transaction([
                    ("HMGET", self._keys.state, *STATE_FIELDS),
                    ("XRANGE", journal, "-", "+", "COUNT", 1),
                    ("XRANGE", journal, start, "+", "COUNT", max_entries),
                    ("XREVRANGE", journal, "+", "-", "COUNT", 1),
                ])  # fmt: skip
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
            self._round_trip.run_one([
                "XREAD", "COUNT", 1, "BLOCK", max(1, int(seconds * 1000)),
                "STREAMS", self._keys.journal, str(after),
            ])  # fmt: skip

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
        settings = self.broker.settings
        with translate_errors(self._client):
            accepted = self._round_trip.run_script(
                self._acknowledge_script,
                [self._keys.journal, self._keys.state, lease.key, self._keys.backlog],
                [
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
        """Keep texts, each with the reason why it could not be stored, for somebody to examine.

        Args:
            letters: Each text with its reason.
            source: The input that the texts came from, such as "channel".

        Raises:
            BrokerRefusedError, JournalFullError: Redis can't store them.
        """
        add_dead_letters(self.broker, letters, source)
