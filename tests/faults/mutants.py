"""Mutants: what the product must not be. Each breaks one rule, and the checker must see it.

They reach into classes as nothing else may; one that no longer fits fails its test.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from services.broker import Announcement, Broker, Journal, Message, Subscription
from services.position import Cursor
from services.store import Batch, Recorder
from services.writer.loop import WriterLoop

_EARLY_SECONDS: Final = 0.5
_HOUR: Final = 3_600_000_000

# Their methods are replaced, which no type of theirs allows.
_broker: Any = Broker
_journal: Any = Journal
_recorder: Any = Recorder
_subscription: Any = Subscription
_writer: Any = WriterLoop


def position_apart() -> None:
    """The position moves in a transaction of its own, before the rows."""
    commit, move = _recorder.commit, _recorder._move

    def apart(self: Any, batch: Batch, *position: Any) -> None:
        with self._engine.begin() as connection:
            move(self, connection, *position)
        commit(self, batch, *position)

    _recorder.commit = apart


def newest_entry() -> None:
    """The writer starts at the journal's newest entry and not at the position."""

    def recall(self: Any) -> Any:
        if self._recorder.checkpoint() is None:
            return self._begin("", [])
        newest = self._journal.end()
        self._commit(Batch(), newest)
        return newest

    _writer._recall = recall


def maxlen() -> None:
    """The journal is kept at its bound by MAXLEN, whatever the database has."""
    appending = "call('XADD', journal, '*',"
    fitting = "local function fits()\n"
    _rewrite(
        "append",
        (appending, "call('XADD', journal, 'MAXLEN', max_entries, '*',"),
        (fitting, f"{fitting}  if exists then return true end\n"),
    )


def answer_early() -> None:
    """A write over HTTP is answered before the journal has it."""
    publish = _journal.publish_many

    def later(self: Any, calls: Sequence[Sequence[Message]]) -> list[Cursor]:
        import gevent  # noqa: PLC0415 (only in a worker of the web service)

        gevent.spawn_later(_EARLY_SECONDS, publish, self, calls)
        return [Cursor.parse("0:0-0") for _ in calls]

    _journal.publish_many = later


def trim_too_far() -> None:
    """The journal is trimmed up to its end, and not up to what the database has."""
    acknowledge = _journal.acknowledge

    def to_end(self: Any, *arguments: Any) -> None:
        acknowledge(self, *arguments)
        end = str(self.end().cursor.entry)
        self._client.xtrim(self._keys.journal, minid=end, approximate=False)

    _journal.acknowledge = to_end


def unsaid_loss() -> None:
    """What is lost is not noted."""

    def say_nothing(*_: object) -> None:
        pass

    _recorder._note = say_nothing


def first_value_stays() -> None:
    """A second value for a time is dropped."""
    store = _recorder._store
    stored = "SELECT name, ts FROM readings JOIN series ON id = series_id"

    def keep(self: Any, connection: Any, readings: list[Any], **rest: Any) -> Any:
        there = {(name, ts) for name, ts in connection.exec_driver_sql(stored)}
        new = [r for r in readings if (r.series, r.ts) not in there]
        return store(self, connection, new, **rest)

    _recorder._store = keep


def make_up() -> None:
    """The writer stores readings that nobody has sent."""
    store = _recorder._store

    def more(self: Any, connection: Any, readings: list[Any], **rest: Any) -> Any:
        made_up = [r._replace(ts=r.ts - _HOUR) for r in readings[:1]]
        return store(self, connection, readings + made_up, **rest)

    _recorder._store = more


def hear_twice() -> None:
    """A stranger's message is taken for two."""
    get = _subscription.get
    again: list[Announcement] = []

    def twice(self: Any, seconds: float) -> Any:
        if again:
            return again.pop()
        event = get(self, seconds)
        if isinstance(event, Announcement):
            again.append(event)
        return event

    _subscription.get = twice


def _rewrite(name: str, *changes: tuple[str, str]) -> None:
    script = _broker.script

    def mutated(self: Any, wanted: str) -> Any:
        found = script(self, wanted)
        if wanted != name:
            return found
        text = str(found.script)
        for old, new in changes:
            if old not in text:
                raise ValueError(f"{name}.lua no longer has: {old}")
            text = text.replace(old, new)
        return self.client.register_script(text)

    _broker.script = mutated


ALL: Final[dict[str, Callable[[], None]]] = {
    made.__name__: made
    for made in (
        position_apart,
        newest_entry,
        maxlen,
        answer_early,
        trim_too_far,
        unsaid_loss,
        first_value_stays,
        make_up,
        hear_twice,
    )
}
"""Each mutant by its name."""
