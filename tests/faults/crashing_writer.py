"""Parts of a writer in one process: a crashing recorder, and a lease holder without a bridge."""

from typing import Any, Final

from services.broker import Broker, Journal, Lease
from services.position import Checkpoint
from services.reading import MICROSECONDS
from services.store import CommitResult, Recorder, WriteBatch
from services.writer.lease_holder import LeaseHolder

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


class IndependentLeaseHolder(LeaseHolder):
    """A lease holder that acquires the lease without a channel bridge."""

    def __init__(self, broker: Broker, journal: Journal) -> None:
        super().__init__(journal, Lease(broker, "database"))

    def acknowledge(self, position: Checkpoint) -> None:
        assert self.acquire()
        super().acknowledge(position)
