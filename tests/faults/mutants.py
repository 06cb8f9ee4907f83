"""Mutants: what the product must not be. Each breaks one rule, and the checker must see it.

They reach into classes as nothing else may; one that no longer fits fails its test.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from services.broker import Announcement, Broker, Journal, Message, Subscription
from services.position import Checkpoint, Cursor
from services.reading import ReadingBatch
from services.store import CommitResult, Recorder, WriteBatch, recorder
from services.writer.loop import WriterLoop

_EARLY_SECONDS: Final = 0.5
_HOUR: Final = 3_600_000_000

# Their methods are replaced, which no type of theirs allows.
_broker: Any = Broker
_journal: Any = Journal
_recorder: Any = Recorder
_recorder_module: Any = recorder
_subscription: Any = Subscription
_writer: Any = WriterLoop


def position_apart() -> None:
    """The position moves in a transaction of its own, before the rows."""
    commit, move = _recorder.commit, _recorder._write_checkpoint

    def apart(self: Any, batch: WriteBatch, checkpoint: Checkpoint) -> CommitResult:
        with self._engine.begin() as connection:
            move(self, connection, checkpoint)
        result: CommitResult = commit(self, batch, checkpoint)
        return result

    _recorder.commit = apart


def newest_entry() -> None:
    """The writer starts at the journal's newest entry and not at the position."""

    def recall(self: Any) -> Any:
        if self._recorder.checkpoint() is None:
            return self._begin("", [])
        newest = self._journal.end()
        self._commit(WriteBatch(), newest)
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

    _recorder_module.record_gaps = say_nothing


def first_value_stays() -> None:
    """A second value for a time is dropped."""
    store = _recorder._store
    stored = "SELECT name, ts FROM readings JOIN series ON id = series_id"

    def keep(self: Any, connection: Any, readings: Any, **rest: Any) -> Any:
        there = {(name, ts) for name, ts in connection.exec_driver_sql(stored)}
        keys = zip(readings.series, readings.ts, strict=True)
        return store(self, connection, readings.select(key not in there for key in keys), **rest)

    _recorder._store = keep


def make_up() -> None:
    """The writer stores readings that nobody has sent."""
    store = _recorder._store

    def more(self: Any, connection: Any, readings: Any, **rest: Any) -> Any:
        rows = [*zip(readings.series, readings.ts, readings.value, readings.unit, strict=True)]
        rows += [(series, ts - _HOUR, value, unit) for series, ts, value, unit in rows[:1]]
        return store(self, connection, ReadingBatch(*zip(*rows, strict=True)), **rest)

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
