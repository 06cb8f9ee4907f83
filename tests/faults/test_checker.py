"""The checker itself: what it calls wrong, and mutants of the product that it must find."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.audit import Findings, audit, audit_rejected
from tests.faults.ledger import Item, Ledger, Outcome
from tests.faults.selftest import HARMLESS, LOSSES, MUTANTS, Story, play

_SCHEMA = """
    CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE readings (series_id INTEGER REFERENCES series, ts INTEGER, value REAL);
    CREATE TABLE gaps (count INTEGER, reason TEXT);
    CREATE TABLE refused (at INTEGER);
    INSERT INTO series VALUES (1, 'keyed.a'), (2, 'timeless.a'), (3, 'demo.a'), (4, 'bad');
"""

Check = Callable[..., Findings]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def check(tmp_path: Path, ledger: Ledger) -> Check:
    """Compares the ledger with a database of these rows."""

    def check(*rows: tuple[int, int, float], gaps: tuple[int | None, ...] = ()) -> Findings:
        path = tmp_path / "readings.db"
        with closing(sqlite3.connect(path)) as file:
            file.executescript(_SCHEMA)
            file.executemany("INSERT INTO readings VALUES (?, ?, ?)", rows)
            file.executemany("INSERT INTO gaps VALUES (?, 'lost')", [(gap,) for gap in gaps])
            file.commit()
        return audit(path, ledger)

    return check


def keyed(ts: int, value: float) -> list[Item]:
    return [Item("keyed.a", ts, value)]


def timeless(value: float) -> list[Item]:
    return [Item("timeless.a", None, value)]


class TestAudit:
    """What the comparison calls by which name."""

    def test_what_was_acknowledged_is_there(self, ledger: Ledger, check: Check) -> None:
        ledger.note(keyed(1, 0.5), Outcome.ACKNOWLEDGED)
        ledger.note(timeless(7.0), Outcome.ACKNOWLEDGED)
        assert check((1, 1, 0.5), (2, 99, 7.0), (3, 1, 1.0)).clean

    def test_lost(self, ledger: Ledger, check: Check) -> None:
        ledger.note(keyed(1, 0.5) + keyed(2, 0.5), Outcome.ACKNOWLEDGED)
        ledger.note(timeless(7.0), Outcome.ACKNOWLEDGED)
        ledger.note([Item("keyed.gone", 1, 1.0)], Outcome.ACKNOWLEDGED)
        findings = check((1, 1, 0.5))
        assert (findings.lost, findings.unsaid) == (3, 3)
        assert not findings.clean

    @pytest.mark.parametrize(("gaps", "unsaid"), [((1,), 1), ((1, 1), 0), ((None,), 0)])
    def test_a_loss_that_is_said(
        self, ledger: Ledger, check: Check, gaps: tuple[int | None, ...], unsaid: int
    ) -> None:
        ledger.note(keyed(1, 0.5) + keyed(2, 0.5), Outcome.ACKNOWLEDGED)
        findings = check(gaps=gaps)
        assert (findings.lost, findings.unsaid) == (2, unsaid)
        assert not findings.clean

    def test_a_gap_where_nothing_is_missing(self, check: Check) -> None:
        assert not check(gaps=(1,)).clean

    def test_what_is_unknown_may_be_there_or_not(self, ledger: Ledger, check: Check) -> None:
        ledger.note(keyed(1, 0.5) + keyed(2, 0.5) + timeless(7.0), Outcome.UNKNOWN)
        assert check((1, 1, 0.5)).clean

    def test_never_sent(self, ledger: Ledger, check: Check) -> None:
        ledger.note(keyed(1, 0.5), Outcome.REFUSED)
        ledger.note(timeless(7.0), Outcome.REFUSED)
        rows = (1, 1, 0.5), (1, 2, 0.5), (2, 99, 7.0), (4, 1, 1.0)
        assert check(*rows).never_sent == 4

    def test_the_value_that_was_acknowledged_last_counts(
        self, ledger: Ledger, check: Check
    ) -> None:
        for ts in (1, 2):
            ledger.note(keyed(ts, 0.5), Outcome.ACKNOWLEDGED)
            ledger.note(keyed(ts, 1.5), Outcome.ACKNOWLEDGED)
            ledger.note(keyed(ts, 2.5), Outcome.REFUSED)
        assert check((1, 1, 0.5), (1, 2, 1.5)).wrong == 1

    def test_an_unknown_value_may_count(self, ledger: Ledger, check: Check) -> None:
        for ts in (1, 2, 3):
            ledger.note(keyed(ts, 0.5), Outcome.ACKNOWLEDGED)
            ledger.note(keyed(ts, 1.5), Outcome.UNKNOWN)
        assert check((1, 1, 0.5), (1, 2, 1.5), (1, 3, 9.0)).wrong == 1

    def test_duplicated(self, ledger: Ledger, check: Check) -> None:
        ledger.note(timeless(7.0), Outcome.UNKNOWN)
        assert check((2, 1, 7.0), (2, 2, 7.0)).duplicated == 1

    def test_rejected(self, ledger: Ledger) -> None:
        findings = Findings()
        ledger.note_bad(b"bad")
        audit_rejected([b"bad"], ledger, findings)
        assert findings.clean
        audit_rejected([b"good"], ledger, findings)
        assert not findings.clean


def name_of(story: Story) -> str:
    return story.__name__


@pytest.mark.redis
@pytest.mark.faults
@pytest.mark.timeout(300)
class TestStories:
    """Each mutant turns its story red, which on the whole product ends well."""

    @pytest.mark.parametrize("mutant", MUTANTS)
    def test_mutants_fit(self, mutant: str) -> None:
        """One that can't be made would end its process, which is red as well."""
        make = f"from tests.faults.mutants import ALL; ALL[{mutant!r}]()"
        subprocess.run([sys.executable, "-c", make], check=True)

    @pytest.mark.parametrize("mutant", MUTANTS)
    def test_mutants(self, mutant: str) -> None:
        verdict = play(MUTANTS[mutant], mutant)
        assert verdict.right, verdict.said

    @pytest.mark.parametrize("story", HARMLESS, ids=name_of)
    def test_nothing_is_lost(self, story: Story) -> None:
        verdict = play(story)
        assert verdict.right, verdict.said

    @pytest.mark.parametrize("story", LOSSES, ids=name_of)
    def test_what_is_lost_is_said(self, story: Story) -> None:
        verdict = play(story)
        assert verdict.right, verdict.said
