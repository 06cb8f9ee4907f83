"""Parts of a writer in one process: a crashing recorder, and a bridge that only acknowledges."""

from typing import Any, Final

from services.broker import Broker, Journal, Lease
from services.position import Checkpoint
from services.reading import MICROSECONDS
from services.store import CommitResult, Recorder, WriteBatch
from services.writer.channel_bridge import ChannelBridge

NOW: Final = 1_795_342_272 * MICROSECONDS


class CrashError(Exception):
    """The simulated crash of the writer."""


class CrashingRecorder(Recorder):
    """A recorder that can crash at its next commit.

    Attributes:
        crash_point: "before" or "after" the transaction, "in" it, or "" for no crash.
    """

    crash_point = ""

    def commit(self, batch: WriteBatch, checkpoint: Checkpoint) -> CommitResult:
        self._crash_at("before")
        result = super().commit(batch, checkpoint)
        self._crash_at("after")
        return result

    def _write_checkpoint(self, *arguments: Any) -> None:
        super()._write_checkpoint(*arguments)
        self._crash_at("in")

    def _crash_at(self, point: str) -> None:
        if self.crash_point == point:
            raise CrashError


class AcknowledgingBridge(ChannelBridge):
    """A channel bridge that holds the lease and acknowledges, but listens to no channel."""

    def __init__(self, broker: Broker, journal: Journal) -> None:
        lease = Lease(broker, "database")
        super().__init__(broker, journal, lease, lambda: NOW)
        self._own = journal, lease

    def acknowledge(self, position: Checkpoint) -> None:
        journal, lease = self._own
        assert lease.acquire()
        journal.acknowledge(position, lease)
