"""A source context for one test, with an outbox and a journal in a fake Redis."""

import fakeredis

from services.broker import Broker, Journal
from services.cli.supervise.fake_server import new_fake_server
from services.concurrency import Shutdown
from services.producer.outbox import Outbox
from services.producer.registry import SourceFunction
from services.producer.source_context import SourceContext
from services.producer.supervised_source import SupervisedSource
from services.reading import Reading
from services.settings import Settings
from tests.support.journals import readings_in
from tests.support.waiting import wait_until


class SourceRunner:
    """Runs sources, and returns the readings that they publish into a fake Redis."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stop = Shutdown()
        self._journal = Journal(Broker(fakeredis.FakeRedis(server=new_fake_server()), settings))
        self._outbox = Outbox(self._journal, 10_000)
        self._sources: list[SupervisedSource] = []
        self.contexts: list[SourceContext] = []

    def context(self) -> SourceContext:
        """Create the context of a source."""
        return SourceContext("test", self.settings, self._outbox, self.stop)

    def start(self, run: SourceFunction) -> SupervisedSource:
        """Start a source as the producer does."""
        self.contexts.append(self.context())
        source = SupervisedSource(run, self.contexts[-1], self.stop)
        self._sources.append(source)
        source.start()
        return source

    @property
    def readings(self) -> list[Reading]:
        """All readings published so far, in order."""
        self._outbox.flush()
        return readings_in(self._journal)

    def end(self) -> None:
        """End all sources."""
        self.stop.request()
        wait_until("the sources end", lambda: not any(each.running for each in self._sources))
