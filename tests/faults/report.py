"""The report at the end of a campaign."""

from collections import Counter
from dataclasses import dataclass

from tests.faults.checker import Findings
from tests.faults.send_log import Outcome, SendLog


@dataclass(frozen=True)
class Report:
    """The result of a campaign.

    Attributes:
        seed: The seed of the campaign's random numbers.
        kills: The kills by process.
        faults: The other faults by kind.
        log: The log of all sent readings.
        findings: What the checker found.
        max_recovery_seconds: The longest time from the end of all faults to a stored reading.
        seconds: The duration of the campaign.
    """

    seed: int
    kills: Counter[str]
    faults: Counter[str]
    log: SendLog
    findings: Findings
    max_recovery_seconds: float
    seconds: float

    @property
    def clean(self) -> bool:
        """True if nothing is lost and nothing is wrong."""
        return self.findings.clean

    def __str__(self) -> str:
        findings, counts = self.findings, self.log.counts
        lines = [
            f"seed          {self.seed}",
            f"kills         {self.kills.total()}: {_list_counts(self.kills)}",
            f"other faults  {self.faults.total()}: {_list_counts(self.faults)}",
            f"max recovery  {self.max_recovery_seconds:.1f} s",
            *(f"{outcome.value:13} {counts[outcome]}" for outcome in Outcome),
            f"stored        {findings.stored}",
            f"lost          {findings.lost}, of which unreported {findings.unreported}",
            f"never sent    {findings.never_sent}",
            f"wrong         {findings.wrong}",
            f"duplicated    {findings.duplicated}",
            f"gaps          {len(findings.gaps)}",
            *(f"  gap: {gap.lost_count} readings, {gap.reason}" for gap in findings.gaps),
            *(f"  also: {other}" for other in findings.others),
            *(f"  {example}" for example in findings.examples),
            f"seconds       {self.seconds:.0f}",
            "clean" if self.clean else "FAULTY",
        ]
        return "\n".join(lines)


def _list_counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
