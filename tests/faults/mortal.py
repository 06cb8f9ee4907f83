"""Parts of the writer for a test in one process: they can be killed, and keep the lease."""

from typing import Any, Final

from services.broker import Broker, Journal, Lease
from services.position import Checkpoint
from services.reading import MICROSECONDS
from services.store import CommitResult, Recorder, WriteBatch
from services.writer.channel_bridge import ChannelBridge

NOW: Final = 1_795_342_272 * MICROSECONDS


class KilledError(Exception):
    """The writer is killed here."""


class Mortal(Recorder):
    """A recorder that is killed before, in or after its next commit, where it is told to be."""

    dies = ""

    def commit(self, batch: WriteBatch, checkpoint: Checkpoint) -> CommitResult:
        self.die("before")
        result = super().commit(batch, checkpoint)
        self.die("after")
        return result

    def _write_checkpoint(self, *arguments: Any) -> None:
        super()._write_checkpoint(*arguments)
        self.die("in")

    def die(self, where: str) -> None:
        if self.dies == where:
            raise KilledError


class Trimming(ChannelBridge):
    """Keeps the lease and listens to nobody."""

    def __init__(self, broker: Broker, journal: Journal) -> None:
        lease = Lease(broker, "database")
        super().__init__(broker, journal, lease, lambda: NOW)
        self._mine = journal, lease

    def committed(self, position: Checkpoint) -> None:
        journal, lease = self._mine
        assert lease.acquire()
        journal.acknowledge(position, lease)
