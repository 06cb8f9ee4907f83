"""A place for a source to put its readings, for one test."""

import fakeredis

from services.broker import Broker, Journal
from services.concurrency import Shutdown
from services.formats.json import decode_entry
from services.position import JOURNAL_START
from services.producer.outbox import Outbox
from services.producer.registry import Run
from services.producer.source_context import SourceContext
from services.producer.supervised_source import SupervisedSource
from services.reading import Reading
from services.settings import Settings
from tests.support.servers import wait_until


class Feeding:
    """Runs sources, and shows what they have put into the journal of a fake Redis."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stop = Shutdown()
        self._journal = Journal(Broker(fakeredis.FakeRedis(), settings))
        self._outbox = Outbox(self._journal, 10_000)
        self._runners: list[SupervisedSource] = []

    def feed(self) -> SourceContext:
        """What a source is given."""
        return SourceContext("test", self.settings, self._outbox, self.stop)

    def start(self, run: Run) -> SupervisedSource:
        """Run a source as the producer does."""
        runner = SupervisedSource(run, self.feed(), self.stop)
        self._runners.append(runner)
        runner.start()
        return runner

    @property
    def readings(self) -> list[Reading]:
        """What was put so far, in order."""
        self._outbox.flush()
        entries = self._journal.read(JOURNAL_START, 10_000).entries
        return [r for entry in entries for r in decode_entry(entry.text).readings]

    def end(self) -> None:
        """End all sources."""
        self.stop.request()
        wait_until("the sources end", lambda: not any(each.running for each in self._runners))
