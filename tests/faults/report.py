"""What a campaign has to say at its end."""

from collections import Counter
from dataclasses import dataclass

from tests.faults.audit import Findings
from tests.faults.ledger import Ledger, Outcome


@dataclass(frozen=True)
class Report:
    """The account of one campaign. recovery: the slowest, in seconds; seconds: the whole run."""

    seed: int
    kills: Counter[str]
    faults: Counter[str]
    ledger: Ledger
    findings: Findings
    recovery: float
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing was lost and nothing is wrong."""
        return self.findings.clean

    def __str__(self) -> str:
        findings, counts = self.findings, self.ledger.counts
        lines = [
            f"seed          {self.seed}",
            f"kills         {self.kills.total()}: {_listed(self.kills)}",
            f"other faults  {self.faults.total()}: {_listed(self.faults)}",
            f"slowest recovery {self.recovery:.1f} s",
            *(f"{outcome.value:13} {counts[outcome]}" for outcome in Outcome),
            f"stored        {findings.stored}",
            f"lost          {findings.lost}, of which unsaid {findings.unsaid}",
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


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
