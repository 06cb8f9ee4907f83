"""The whole path as a state machine: publish, crash, deliver again, trim, lose and restore.

A dictionary is the model of the database. It follows the position that the database itself
tells: what it holds must be what the journal held up to there, at every moment.
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
from services.errors import JournalFullError
from services.position import JOURNAL_START, EntryId
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import writing_engine
from services.store.migrations import upgrade
from services.writer.loop import WriterLoop
from tests.faults.mortal import NOW, KilledError, Mortal, Trimming

JOURNAL = "readings:journal"
STATE = "readings:state"
BOUND = 40

Rows: TypeAlias = dict[tuple[str, int], float]


@dataclass
class Known:
    """The model: the rows of the database, where it stands, and the entries it had to miss."""

    rows: Rows = field(default_factory=dict)
    epoch: str = ""
    entry: EntryId = JOURNAL_START
    gaps: list[Any] = field(default_factory=list)
    missed: set[EntryId] = field(default_factory=set)

    def copy(self) -> "Known":
        return replace(self, rows=dict(self.rows), gaps=list(self.gaps), missed=set(self.missed))


some_readings = st.lists(
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


@pytest.fixture(scope="module", autouse=True)
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A database with its tables, made once and copied for each story."""
    folder = tmp_path_factory.mktemp("empty")
    engine = writing_engine(Settings.from_environ({"DATA_DIR": str(folder)}))
    upgrade(engine)
    engine.dispose()
    WholePath.empty = folder / "readings.db"


class WholePath(RuleBasedStateMachine):
    """What happens to a journal and a database, in any order."""

    empty: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.path = self.folder / "readings.db"
        shutil.copy(self.empty, self.path)
        self.settings = Settings.from_environ(
            {"DATA_DIR": str(self.folder), "STRIPCHART_JOURNAL_MAX_ENTRIES": str(BOUND)}
        )
        self.broker = Broker(fakeredis.FakeRedis(server=fakeredis.FakeServer()), self.settings)
        self.redis: Any = self.broker.client
        self.journal = Journal(self.broker)
        self.known = Known()
        self.saved: Known | None = None
        self.published: list[list[tuple[Message, list[Reading]]]] = []
        self.contents: dict[EntryId, list[Reading]] = {}
        """What each entry of the journal of now holds."""
        self.start()

    # The processes

    def start(self) -> None:
        self.engine = writing_engine(self.settings)
        self.recorder = Mortal(self.engine, JOURNAL, lambda: NOW)
        self.trimming = Trimming(self.broker, self.journal)
        self.writer = WriterLoop(self.journal, self.recorder, self.trimming, lambda: NOW)

    def stop(self) -> None:
        self.engine.dispose()

    def step(self) -> bool:
        # What the writer sees, before it trims what it has taken.
        left = set(self.left())
        try:
            return self.writer.step()
        finally:
            self.follow(left)

    # What happens

    @rule(messages=st.lists(some_readings, min_size=1, max_size=10))
    def publish(self, messages: list[list[Reading]]) -> None:
        self.send([(m, part) for part in messages for m in Message.of(part)])

    @precondition(lambda self: self.published)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """A publisher whose reply was lost sends the same again, maybe long after."""
        self.send(data.draw(st.sampled_from(self.published)))

    @rule()
    def write_a_batch(self) -> None:
        self.step()

    @rule(where=st.sampled_from(["before", "in", "after"]))
    def crash(self, where: str) -> None:
        self.recorder.dies = where
        with suppress(KilledError):
            self.step()
        self.stop()
        self.start()

    @rule()
    def trim_at_the_position(self) -> None:
        self.redis.xtrim(JOURNAL, minid=str(self.known.entry), approximate=False)

    @rule()
    def catch_up(self) -> None:
        while self.step():
            pass

    @rule()
    def room_for_all(self) -> None:
        """Only what the database has not got may be the reason of a refusal."""
        self.catch_up()
        parts = [[Reading("full", n, 0.0)] for n in range(BOUND - 1)]
        assert self.send([(m, part) for part in parts for m in Message.of(part)])
        self.catch_up()

    @rule(kept=st.integers(1, 3))
    def trim_too_far(self, kept: int) -> None:
        """Somebody deletes entries that the database has not got; some are left."""
        self.redis.xtrim(JOURNAL, maxlen=kept, approximate=False)

    @rule(keys=st.sampled_from([[JOURNAL], [JOURNAL, STATE]]))
    def delete(self, keys: list[str]) -> None:
        self.redis.delete(*keys)

    @rule()
    def back_up(self) -> None:
        (self.folder / "saved.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as file:
            file.execute("VACUUM INTO ?", [str(self.folder / "saved.db")])
        self.saved = self.known.copy()

    @precondition(lambda self: self.saved is not None)
    @rule()
    def restore(self) -> None:
        assert self.saved is not None
        self.stop()
        for file in self.folder.glob("readings.db*"):
            file.unlink()
        shutil.copy(self.folder / "saved.db", self.path)
        self.known = self.saved.copy()
        self.start()

    # What must hold

    @invariant()
    def database_is_what_its_position_says(self) -> None:
        assert self.rows() == self.known.rows

    def teardown(self) -> None:
        self.catch_up()
        assert self.rows() == self.known.rows
        assert self.query("PRAGMA integrity_check") == [("ok",)]
        assert self.query("SELECT epoch, CAST(n AS TEXT) FROM journal_position") == [self.state()]
        assert self.query("SELECT count FROM gaps ORDER BY rowid") == self.known.gaps
        self.stop()
        self.broker.close()
        shutil.rmtree(self.folder)

    # The model

    def send(self, messages: Sequence[tuple[Message, list[Reading]]]) -> bool:
        """Publish these, and note which entries hold them; tells whether they were taken."""
        before = set(self.left())
        try:
            self.journal.publish([message for message, _ in messages])
        except JournalFullError:
            assert set(self.left()) <= before
            return False
        self.published.append(list(messages))
        made = self.left()[-len(messages) :]
        assert not before & set(made)
        for entry, (_, readings) in zip(made, messages, strict=True):
            self.contents[entry] = readings
        return True

    def follow(self, left: set[EntryId]) -> None:
        """Bring the model to where the database says that it is now. left: in the journal."""
        epoch, entry, n, losses = self.position()
        known, fresh = self.known, losses[len(self.known.gaps) :]
        new_epoch, known.gaps = epoch != known.epoch, losses
        if new_epoch:
            # The writer has begun with another journal, of which this is left.
            assert fresh or not known.epoch
            self.contents = {key: self.contents[key] for key in sorted(left)}
            known.entry, known.missed = JOURNAL_START, set()
        at_end = (epoch, str(n)) == self.state()
        passed = [key for key in self.contents if key > known.entry and (key <= entry or at_end)]
        missed = [key for key in passed if key not in left | known.missed]
        assert new_epoch or sum(lost for (lost,) in fresh) == sum(
            len(self.contents[key]) for key in missed
        )
        for key in passed:
            if key in left:
                known.rows |= {(r.series, r.ts): r.value for r in self.contents[key]}
        known.epoch, known.entry = epoch, entry
        known.missed.update(missed)

    def position(self) -> tuple[str, EntryId, int, list[Any]]:
        losses = self.query("SELECT count FROM gaps ORDER BY rowid")
        for epoch, entry, n in self.query("SELECT epoch, id, n FROM journal_position"):
            return epoch, EntryId.parse(entry), n, losses
        return "", JOURNAL_START, 0, losses

    def state(self) -> tuple[str, str]:
        """The journal's epoch, and the number of its last entry."""
        epoch, n = ((value or b"").decode() for value in self.redis.hmget(STATE, "epoch", "n"))
        return epoch, n

    def left(self) -> list[EntryId]:
        """The entries of the journal that are left, in their order."""
        found = self.redis.execute_command("XRANGE", JOURNAL, "-", "+")
        return [EntryId.parse(entry) for entry, _ in found]

    def rows(self) -> Rows:
        found = self.query("SELECT name, ts, value FROM readings JOIN series ON id = series_id")
        return {(name, ts): value for name, ts, value in found}

    def query(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as file:
            return file.execute(query).fetchall()


TestWholePath = WholePath.TestCase
TestWholePath.settings = hypothesis_settings(
    max_examples=hypothesis_settings().max_examples // 4,
    stateful_step_count=25,
    # To look for the shortest story that fails takes minutes: add Phase.shrink for that.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
