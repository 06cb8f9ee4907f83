"""A state machine of the whole path: publish, crash, deliver again, trim, lose and restore.

A dictionary is the model of the database. It follows the position that the database itself
reports: at every moment the database must hold what the journal held up to that position.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeAlias

import fakeredis
import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.broker import Broker, Journal, Message
from services.cli.supervise.fake_server import new_fake_server
from services.errors import JournalFullError
from services.position import JOURNAL_START, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.writer.commit_schedule import CommitSchedule
from services.writer.loop import WriterLoop
from tests.faults.crashing_writer import NOW, CrashError, CrashingRecorder, IndependentLeaseHolder
from tests.support.databases import migrated_engine

JOURNAL = "readings:journal"
STATE = "readings:state"
MAX_ENTRIES = 40

Rows: TypeAlias = dict[tuple[str, int], float]


@dataclass
class Model:
    """The expected database.

    Attributes:
        rows: The value by series and time.
        epoch: The epoch of the position.
        entry: The entry of the position.
        gaps: The counts in the table `gaps`.
        lost: The entries that were lost.
    """

    rows: Rows = field(default_factory=dict)
    epoch: str = ""
    entry: EntryId = JOURNAL_START
    gaps: list[Any] = field(default_factory=list)
    lost: set[EntryId] = field(default_factory=set)

    def copy(self) -> "Model":
        return replace(self, rows=dict(self.rows), gaps=list(self.gaps), lost=set(self.lost))


reading_lists = st.lists(
    st.builds(
        Reading,
        st.sampled_from(["a", "b"]),
        st.integers(0, 5).map(lambda second: second * MICROSECONDS),
        st.floats(allow_nan=False, allow_infinity=False),
        st.none(),
    ),
    min_size=1,
    max_size=5,
)


class WholePath(RuleBasedStateMachine):
    """A journal and a database, to which anything happens in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.path = self.folder / "readings.db"
        self.settings = Settings.from_environ(
            {"DATA_DIR": str(self.folder), "STRIPCHART_JOURNAL_MAX_ENTRIES": str(MAX_ENTRIES)}
        )
        self.broker = Broker(fakeredis.FakeRedis(server=new_fake_server()), self.settings)
        self.redis: Any = self.broker.client
        self.journal = Journal(self.broker)
        self.model = Model()
        self.backup: Model | None = None
        self.published: list[list[tuple[Message, list[Reading]]]] = []
        # The readings of each entry of the current journal.
        self.entries: dict[EntryId, list[Reading]] = {}
        self.start()

    # The writer

    def start(self) -> None:
        self.engine = migrated_engine(self.settings)
        self.recorder = CrashingRecorder(self.engine, JOURNAL, lambda: NOW)
        self.lease_holder = IndependentLeaseHolder(self.broker, self.journal)
        self.writer = WriterLoop(
            self.journal,
            self.recorder,
            self.lease_holder,
            lambda: NOW,
            schedule=CommitSchedule(self.broker),
        )

    def stop(self) -> None:
        self.engine.dispose()

    def step(self) -> bool:
        # The entries for the writer to read, before it trims the stored ones.
        present = set(self.journal_ids())
        try:
            return self.writer.write_batch()
        finally:
            self.update_model(present)

    # The events

    @rule(messages=st.lists(reading_lists, min_size=1, max_size=10))
    def publish(self, messages: list[list[Reading]]) -> None:
        self.send([(m, part) for part in messages for m in Message.of(part)])

    @precondition(lambda self: self.published)
    @rule(data=st.data())
    def publish_again(self, data: st.DataObject) -> None:
        """Repeat a call whose reply was lost, perhaps much later."""
        self.send(data.draw(st.sampled_from(self.published)))

    @rule()
    def write_a_batch(self) -> None:
        self.step()

    @rule(point=st.sampled_from(["before", "in", "after"]))
    def crash(self, point: str) -> None:
        self.recorder.crash_point = point
        with suppress(CrashError):
            self.step()
        self.stop()
        self.start()

    @rule()
    def trim_up_to_the_position(self) -> None:
        self.redis.xtrim(JOURNAL, minid=str(self.model.entry), approximate=False)

    @rule()
    def catch_up(self) -> None:
        while self.step():
            pass

    @rule()
    def fill_the_journal(self) -> None:
        """Publish as much as fits: only entries that are not stored may cause a refusal."""
        self.catch_up()
        parts = [[Reading("full", n, 0.0)] for n in range(MAX_ENTRIES - 1)]
        assert self.send([(m, part) for part in parts for m in Message.of(part)])
        self.catch_up()

    @rule(kept=st.integers(1, 3))
    def trim_too_far(self, kept: int) -> None:
        """Delete entries that are not stored yet, but not all of them."""
        self.redis.xtrim(JOURNAL, maxlen=kept, approximate=False)

    @rule(keys=st.sampled_from([[JOURNAL], [JOURNAL, STATE]]))
    def delete(self, keys: list[str]) -> None:
        self.redis.delete(*keys)

    @rule()
    def back_up(self) -> None:
        (self.folder / "backup.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("VACUUM INTO ?", [str(self.folder / "backup.db")])
        self.backup = self.model.copy()

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore(self) -> None:
        assert self.backup is not None
        self.stop()
        for file in self.folder.glob("readings.db*"):
            file.unlink()
        shutil.copy(self.folder / "backup.db", self.path)
        self.model = self.backup.copy()
        self.start()

    # The invariants

    @invariant()
    def database_matches_its_position(self) -> None:
        assert self.rows() == self.model.rows

    def teardown(self) -> None:
        self.catch_up()
        assert self.rows() == self.model.rows
        assert self.query("PRAGMA integrity_check") == [("ok",)]
        assert self.query("SELECT epoch, CAST(n AS TEXT) FROM journal_position") == [self.state()]
        assert self.query("SELECT count FROM gaps ORDER BY rowid") == self.model.gaps
        self.stop()
        self.broker.close()
        shutil.rmtree(self.folder)

    # The model

    def send(self, messages: Sequence[tuple[Message, list[Reading]]]) -> bool:
        """Publish messages and record their entries. Return False if the journal was full."""
        before = set(self.journal_ids())
        try:
            self.journal.publish([message for message, _ in messages])
        except JournalFullError:
            assert set(self.journal_ids()) <= before
            return False
        self.published.append(list(messages))
        new = self.journal_ids()[-len(messages) :]
        assert not before & set(new)
        for entry, (_, readings) in zip(new, messages, strict=True):
            self.entries[entry] = readings
        return True

    def update_model(self, present: set[EntryId]) -> None:
        """Move the model to the position that the database reports now.

        Args:
            present: The entries that were in the journal before the writer's step.
        """
        epoch, entry, n, gaps = self.position()
        model, new_gaps = self.model, gaps[len(self.model.gaps) :]
        is_new_epoch, model.gaps = epoch != model.epoch, gaps
        if is_new_epoch:
            # The writer has begun with another journal, which has only these entries.
            assert new_gaps or not model.epoch
            self.entries = {key: self.entries[key] for key in sorted(present)}
            model.entry, model.lost = JOURNAL_START, set()
        at_end = (epoch, str(n)) == self.state()
        passed = [key for key in self.entries if key > model.entry and (key <= entry or at_end)]
        lost = [key for key in passed if key not in present | model.lost]
        assert is_new_epoch or sum(count for (count,) in new_gaps) == sum(
            len(self.entries[key]) for key in lost
        )
        for key in passed:
            if key in present:
                model.rows |= {(r.series, r.ts): r.value for r in self.entries[key]}
        model.epoch, model.entry = epoch, entry
        model.lost.update(lost)

    def position(self) -> tuple[str, EntryId, int, list[Any]]:
        """Return the database's epoch, entry and sequence number, and the counts of its gaps."""
        gaps = self.query("SELECT count FROM gaps ORDER BY rowid")
        for epoch, entry, n in self.query("SELECT epoch, id, n FROM journal_position"):
            return epoch, EntryId.parse(entry), n, gaps
        return "", JOURNAL_START, 0, gaps

    def state(self) -> tuple[str, str]:
        """Return the journal's epoch and the sequence number of its last entry."""
        epoch, n = ((value or b"").decode() for value in self.redis.hmget(STATE, "epoch", "n"))
        return epoch, n

    def journal_ids(self) -> list[EntryId]:
        """Return the ids of the entries in the journal, in their order."""
        entries = self.redis.execute_command("XRANGE", JOURNAL, "-", "+")
        return [EntryId.parse(entry) for entry, _ in entries]

    def rows(self) -> Rows:
        rows = self.query("SELECT name, ts, value FROM readings JOIN series ON id = series_id")
        return {(name, ts): value for name, ts, value in rows}

    def query(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()


TestWholePath = pytest.mark.long(WholePath.TestCase)
TestWholePath.settings = hypothesis_settings(
    max_examples=hypothesis_settings().max_examples // 4,
    stateful_step_count=25,
    # Shrinking a failure takes minutes: add Phase.shrink when you need it.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
