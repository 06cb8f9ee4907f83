"""The checker: its verdicts on prepared databases, and on mutants of the product."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from services.writer.channel_losses import NOT_HEARD
from tests.faults.checker import Findings, check_database, check_rejected
from tests.faults.selftest import (
    LOSSLESS,
    LOSSY,
    SCENARIO_OF_MUTANT,
    ScenarioFunction,
    run_scenario,
)
from tests.faults.send_log import Item, Outcome, SendLog

_SCHEMA = """
    CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE readings (series_id INTEGER REFERENCES series, ts INTEGER, value REAL);
    CREATE TABLE gaps (count INTEGER, reason TEXT);
    CREATE TABLE refused (at INTEGER);
    INSERT INTO series VALUES (1, 'timed.a'), (2, 'untimed.a'), (3, 'demo.a'), (4, 'bad');
"""

Check = Callable[..., Findings]


@pytest.fixture
def log() -> SendLog:
    return SendLog()


@pytest.fixture
def check(tmp_path: Path, log: SendLog) -> Check:
    """Check a database with these rows (series id, ts, value) and gaps (count) against the log."""

    def check(
        *rows: tuple[int, int, float], gaps: tuple[int | None, ...] = (), reason: str = "lost"
    ) -> Findings:
        path = tmp_path / "readings.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(_SCHEMA)
            connection.executemany("INSERT INTO readings VALUES (?, ?, ?)", rows)
            rows_of_gaps = [(gap, reason) for gap in gaps]
            connection.executemany("INSERT INTO gaps VALUES (?, ?)", rows_of_gaps)
            connection.commit()
        return check_database(path, log)

    return check


def timed(ts: int, value: float) -> list[Item]:
    return [Item("timed.a", ts, value)]


def untimed(value: float) -> list[Item]:
    return [Item("untimed.a", None, value)]


class TestChecker:
    """The kinds of findings."""

    def test_stored_acknowledged_readings_are_clean(self, log: SendLog, check: Check) -> None:
        log.record(timed(1, 0.5), Outcome.ACKNOWLEDGED)
        log.record(untimed(7.0), Outcome.ACKNOWLEDGED)
        assert check((1, 1, 0.5), (2, 99, 7.0), (3, 1, 1.0)).clean

    def test_missing_acknowledged_readings_are_lost(self, log: SendLog, check: Check) -> None:
        log.record(timed(1, 0.5) + timed(2, 0.5), Outcome.ACKNOWLEDGED)
        log.record(untimed(7.0), Outcome.ACKNOWLEDGED)
        log.record([Item("timed.gone", 1, 1.0)], Outcome.ACKNOWLEDGED)
        findings = check((1, 1, 0.5))
        assert (findings.lost, findings.unreported) == (3, 3)
        assert not findings.clean

    @pytest.mark.parametrize(("gaps", "unreported"), [((1,), 1), ((1, 1), 0), ((None,), 0)])
    def test_loss_in_the_gaps_table_is_reported(
        self, log: SendLog, check: Check, gaps: tuple[int | None, ...], unreported: int
    ) -> None:
        log.record(timed(1, 0.5) + timed(2, 0.5), Outcome.ACKNOWLEDGED)
        findings = check(gaps=gaps)
        assert (findings.lost, findings.unreported) == (2, unreported)
        assert not findings.clean

    def test_gap_without_a_loss_is_not_clean(self, check: Check) -> None:
        assert not check(gaps=(1,)).clean

    def test_gap_of_the_channel_is_clean(self, check: Check) -> None:
        assert check(gaps=(None,), reason=NOT_HEARD).clean

    def test_gap_of_the_channel_excuses_no_loss(self, log: SendLog, check: Check) -> None:
        log.record(timed(1, 0.5), Outcome.ACKNOWLEDGED)
        assert check(gaps=(None,), reason=NOT_HEARD).unreported == 1

    def test_readings_with_unknown_outcome_may_be_missing(self, log: SendLog, check: Check) -> None:
        log.record(timed(1, 0.5) + timed(2, 0.5) + untimed(7.0), Outcome.UNKNOWN)
        assert check((1, 1, 0.5)).clean

    def test_stored_refused_readings_count_as_never_sent(self, log: SendLog, check: Check) -> None:
        log.record(timed(1, 0.5), Outcome.REFUSED)
        log.record(untimed(7.0), Outcome.REFUSED)
        rows = (1, 1, 0.5), (1, 2, 0.5), (2, 99, 7.0), (4, 1, 1.0)
        assert check(*rows).never_sent == 4

    def test_earlier_acknowledged_value_is_wrong(self, log: SendLog, check: Check) -> None:
        for ts in (1, 2):
            log.record(timed(ts, 0.5), Outcome.ACKNOWLEDGED)
            log.record(timed(ts, 1.5), Outcome.ACKNOWLEDGED)
            log.record(timed(ts, 2.5), Outcome.REFUSED)
        assert check((1, 1, 0.5), (1, 2, 1.5)).wrong == 1

    def test_value_with_unknown_outcome_is_not_wrong(self, log: SendLog, check: Check) -> None:
        for ts in (1, 2, 3):
            log.record(timed(ts, 0.5), Outcome.ACKNOWLEDGED)
            log.record(timed(ts, 1.5), Outcome.UNKNOWN)
        assert check((1, 1, 0.5), (1, 2, 1.5), (1, 3, 9.0)).wrong == 1

    def test_untimed_value_stored_twice_is_duplicated(self, log: SendLog, check: Check) -> None:
        log.record(untimed(7.0), Outcome.UNKNOWN)
        assert check((2, 1, 7.0), (2, 2, 7.0)).duplicated == 1

    def test_only_bad_texts_may_be_rejected(self, log: SendLog) -> None:
        findings = Findings()
        log.record_bad(b"bad")
        check_rejected([b"bad"], log, findings)
        assert findings.clean
        check_rejected([b"good"], log, findings)
        assert not findings.clean


def name_of(scenario: ScenarioFunction) -> str:
    return scenario.__name__


@pytest.mark.redis
@pytest.mark.faults
@pytest.mark.timeout(300)
class TestScenarios:
    """Each mutant fails its scenario, which the real product passes."""

    @pytest.mark.parametrize("mutant", SCENARIO_OF_MUTANT)
    def test_mutant_fits_the_product(self, mutant: str) -> None:
        """A mutant that can't be made would end its process, which fails any scenario."""
        script = f"from tests.faults.mutants import MUTANTS; MUTANTS[{mutant!r}]()"
        subprocess.run([sys.executable, "-c", script], check=True)

    @pytest.mark.parametrize("mutant", SCENARIO_OF_MUTANT)
    def test_mutant_fails_its_scenario(self, mutant: str) -> None:
        result = run_scenario(SCENARIO_OF_MUTANT[mutant], mutant)
        assert result.passed, result.findings

    @pytest.mark.parametrize("scenario", LOSSLESS, ids=name_of)
    def test_lossless_scenario_loses_nothing(self, scenario: ScenarioFunction) -> None:
        result = run_scenario(scenario)
        assert result.passed, result.findings

    @pytest.mark.parametrize("scenario", LOSSY, ids=name_of)
    def test_lossy_scenario_reports_its_loss(self, scenario: ScenarioFunction) -> None:
        result = run_scenario(scenario)
        assert result.passed, result.findings
