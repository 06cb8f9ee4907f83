"""A live stream on fakeredis that moves only when a test moves it."""

import fakeredis

from services.broker import Broker, Journal
from services.cli.supervise.fake_server import new_fake_server
from services.command import Command
from services.pattern import SeriesFilter
from services.position import Cursor
from services.settings import Settings
from services.tag_filter import ALL_TAGS, TagFilter
from services.web.live.broadcaster import Broadcaster
from services.web.live.hub import Hub
from services.web.live.session import Session
from services.web.live.viewer_limits import NO_LIMITS, ViewerLimits
from tests.support.viewers import Viewer


class LiveStream:
    """A journal, a broadcaster without greenlets, and viewers.

    Args:
        max_recent_readings: Readings in the hub's ring buffer.
        journal_class: The class of the journal.

    Attributes:
        viewers: All viewers. `close` closes them.
    """

    def __init__(self, max_recent_readings: int, journal_class: type[Journal] = Journal) -> None:
        redis = fakeredis.FakeRedis(server=new_fake_server())
        self.broker = Broker(redis, Settings.from_environ({}))
        self.journal = journal_class(self.broker)
        self.broadcaster = Broadcaster(self.broker, self.journal, Hub(max_recent_readings), 100)
        self.viewers: list[Viewer] = []
        self.catch_up()

    def catch_up(self) -> None:
        """Relay the rest of the journal, and flush."""
        for event in self.broadcaster.relay.follower.catch_up():
            self.broadcaster.relay.apply(event)
        self.broadcaster.hub.flush()

    def send_command(self, command: Command) -> str:
        """Append a command. Returns its cursor."""
        return str(self.journal.send_commands([command]))

    def add_viewer(self) -> Viewer:
        """Make a viewer that is not connected yet."""
        viewer = Viewer()
        self.viewers.append(viewer)
        return viewer

    def session(
        self,
        viewer: Viewer,
        *patterns: str,
        tags: TagFilter = ALL_TAGS,
        limits: ViewerLimits = NO_LIMITS,
    ) -> Session:
        """Make the session of a viewer."""
        selection = self.broadcaster.hub.selections.get(SeriesFilter(patterns), tags, limits)
        return Session(self.broadcaster, viewer.queue, selection)

    def connect(
        self,
        cursor: Cursor | None,
        *patterns: str,
        tags: TagFilter = ALL_TAGS,
        limits: ViewerLimits = NO_LIMITS,
    ) -> Viewer:
        """Connect a viewer, and let it join the hub."""
        viewer = self.add_viewer()
        session = self.session(viewer, *patterns, tags=tags, limits=limits)
        session.begin(str(cursor) if cursor else None)
        return viewer

    def close(self) -> None:
        """Close all viewers."""
        for viewer in self.viewers:
            viewer.close()
