"""The test of the checker: it must accept the real product and reject each mutant."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from tests.faults import external_message_scenarios, journal_scenarios
from tests.faults.checker import Findings

ScenarioFunction: TypeAlias = Callable[[Path, str | None], Findings]

SCENARIO_OF_MUTANT: Final[dict[str, ScenarioFunction]] = {
    "separate_position_commit": journal_scenarios.writer_killed_before_rows,
    "start_at_newest_entry": journal_scenarios.readings_sent_without_writer,
    "trim_by_length": journal_scenarios.journal_overfilled,
    "early_acknowledgement": journal_scenarios.web_killed_after_response,
    "trim_to_end": journal_scenarios.several_batches_before_first_trim,
    "unreported_loss": journal_scenarios.journal_deleted,
    "first_value_wins": journal_scenarios.reading_overwritten,
    "duplicated_external_message": external_message_scenarios.bridge_killed_between_messages,
    "invented_readings": journal_scenarios.readings_sent_without_writer,
}
"""The scenario that each mutant must fail."""

LOSSY: Final[tuple[ScenarioFunction, ...]] = (
    journal_scenarios.journal_deleted,
    journal_scenarios.redis_restarted_empty,
    journal_scenarios.redis_restarted_with_old_file,
)
"""The scenarios that lose entries, which the table `gaps` must then report."""

LOSSLESS: Final[tuple[ScenarioFunction, ...]] = (
    *(run for run in dict.fromkeys(SCENARIO_OF_MUTANT.values()) if run not in LOSSY),
    journal_scenarios.journal_full_of_stored_entries,
    external_message_scenarios.bridge_frozen_while_lease_moves,
    external_message_scenarios.bridge_frozen_before_append,
    journal_scenarios.concurrent_readings_without_time,
)
"""The scenarios in which the real product must lose nothing."""


class ScenarioResult(NamedTuple):
    """The result of one scenario.

    Attributes:
        scenario: The name of the function.
        mutant: The mutant, or None for the real product.
        passed: True if the checker's verdict is the right one.
        findings: What the checker found, in words.
    """

    scenario: str
    mutant: str | None
    passed: bool
    findings: str


def run_all() -> Iterator[ScenarioResult]:
    """Run each scenario on the real product, and on the mutants that it is for."""
    for mutant, scenario in SCENARIO_OF_MUTANT.items():
        yield run_scenario(scenario, mutant)
    for scenario in (*LOSSLESS, *LOSSY):
        yield run_scenario(scenario)


def run_scenario(scenario: ScenarioFunction, mutant: str | None = None) -> ScenarioResult:
    """Run one scenario in a temporary folder, and judge the checker's findings."""
    with tempfile.TemporaryDirectory(prefix="stripchart-scenario-") as folder:
        try:
            findings = scenario(Path(folder), mutant)
        except AssertionError as error:
            findings = Findings(others=[str(error)])
    if mutant is not None:
        passed = not findings.clean
    elif scenario in LOSSY:
        # The loss is reported in its full size, and nothing else is wrong.
        passed = bool(findings.gaps) and not findings.unreported and findings.only_lost
    else:
        passed = findings.clean
    return ScenarioResult(scenario.__name__, mutant, passed, str(findings))


def main() -> None:
    """Run all scenarios and print each result. Exits with 1 if one failed."""
    failed = 0
    for result in run_all():
        failed += not result.passed
        subject = f"mutant {result.mutant}" if result.mutant else "real product"
        verdict = "passed" if result.passed else "FAILED"
        sys.stdout.write(f"{verdict}  {result.scenario}, {subject}: {result.findings}\n")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
