"""Mutants: versions of the product that each break one rule, which the checker must notice.

They patch private methods, as nothing else may. A mutant that no longer fits fails its own test.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from services.broker import Announcement, Broker, Journal, Message, Subscription
from services.position import Checkpoint, Cursor
from services.reading import Reading, ReadingBatch
from services.store import CommitResult, Recorder, WriteBatch, recorder
from services.writer.loop import WriterLoop

_EARLY_SECONDS: Final = 0.5
_HOUR: Final = 3_600_000_000

# As Any, because types forbid to replace methods.
_broker: Any = Broker
_journal: Any = Journal
_recorder: Any = Recorder
_recorder_module: Any = recorder
_subscription: Any = Subscription
_writer: Any = WriterLoop


def separate_position_commit() -> None:
    """Write the position in a transaction of its own, before the rows."""
    commit, write = _recorder.commit, _recorder._write_checkpoint

    def mutated(self: Any, batch: WriteBatch, checkpoint: Checkpoint) -> CommitResult:
        with self._engine.begin() as connection:
            write(self, connection, checkpoint)
        result: CommitResult = commit(self, batch, checkpoint)
        return result

    _recorder.commit = mutated


def start_at_newest_entry() -> None:
    """Start the writer at the journal's newest entry instead of the position."""

    def mutated(self: Any) -> Any:
        if self._recorder.checkpoint() is None:
            return self._begin_journal("", [])
        newest = self._journal.end()
        self._commit(WriteBatch(), newest)
        return newest

    _writer._load_position = mutated


def trim_by_length() -> None:
    """Keep the journal at its bound by MAXLEN, even if the database lacks the entries."""
    appending = "call('XADD', journal, '*',"
    fitting = "local function fits()\n"
    _rewrite_script(
        "append",
        (appending, "call('XADD', journal, 'MAXLEN', max_entries, '*',"),
        (fitting, f"{fitting}  if exists then return true end\n"),
    )


def early_acknowledgement() -> None:
    """Answer a write over HTTP before the journal has it."""
    publish = _journal.publish_many

    def mutated(self: Any, calls: Sequence[Sequence[Message]]) -> list[Cursor]:
        import gevent  # noqa: PLC0415 (only in a worker of the web service)

        gevent.spawn_later(_EARLY_SECONDS, publish, self, calls)
        return [Cursor.parse("0:0-0") for _ in calls]

    _journal.publish_many = mutated


def trim_to_end() -> None:
    """Trim the journal up to its end instead of the database's position."""
    acknowledge = _journal.acknowledge

    def mutated(self: Any, *arguments: Any) -> None:
        acknowledge(self, *arguments)
        end = str(self.end().cursor.entry)
        self._client.xtrim(self._keys.journal, minid=end, approximate=False)

    _journal.acknowledge = mutated


def unreported_loss() -> None:
    """Don't record lost entries in the table `gaps`."""

    def mutated(*_: object) -> None:
        pass

    _recorder_module.record_gaps = mutated


def first_value_wins() -> None:
    """Drop the second value for a series and time."""
    store = _recorder._store
    query = "SELECT name, ts FROM readings JOIN series ON id = series_id"

    def mutated(self: Any, connection: Any, readings: Any, **options: Any) -> Any:
        stored = {(name, ts) for name, ts in connection.exec_driver_sql(query)}
        keys = zip(readings.series, readings.ts, strict=True)
        new = readings.select(key not in stored for key in keys)
        return store(self, connection, new, **options)

    _recorder._store = mutated


def invented_readings() -> None:
    """Store readings that nobody has sent."""
    store = _recorder._store

    def mutated(self: Any, connection: Any, readings: Any, **options: Any) -> Any:
        rows = [*zip(readings.series, readings.ts, readings.value, readings.unit, strict=True)]
        rows += [(series, ts - _HOUR, value, unit) for series, ts, value, unit in rows[:1]]
        return store(
            self, connection, ReadingBatch.from_readings([Reading(*row) for row in rows]), **options
        )

    _recorder._store = mutated


def duplicated_external_message() -> None:
    """Receive each external message twice."""
    get = _subscription.get
    duplicates: list[Announcement] = []

    def mutated(self: Any, seconds: float) -> Any:
        if duplicates:
            return duplicates.pop()
        event = get(self, seconds)
        if isinstance(event, Announcement):
            duplicates.append(event)
        return event

    _subscription.get = mutated


def _rewrite_script(name: str, *changes: tuple[str, str]) -> None:
    script = _broker.script

    def mutated(self: Any, requested: str) -> Any:
        original = script(self, requested)
        if requested != name:
            return original
        text = str(original.script)
        for old, new in changes:
            if old not in text:
                raise ValueError(f"{name}.lua no longer has: {old}")
            text = text.replace(old, new)
        return self.client.register_script(text)

    _broker.script = mutated


MUTANTS: Final[dict[str, Callable[[], None]]] = {
    mutate.__name__: mutate
    for mutate in (
        separate_position_commit,
        start_at_newest_entry,
        trim_by_length,
        early_acknowledgement,
        trim_to_end,
        unreported_loss,
        first_value_wins,
        invented_readings,
        duplicated_external_message,
    )
}
"""The functions that make a mutant of this process, by name."""
