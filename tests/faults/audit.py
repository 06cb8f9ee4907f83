"""The comparison of the database, and of what Redis set aside, with the ledger."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.faults.ledger import FOREIGN, KEYED, TIMELESS, Ledger

_EXAMPLES: Final = 5


class Gap(NamedTuple):
    """A row of the table `gaps`."""

    lost_count: int | None
    reason: str


@dataclass
class Findings:
    """How many readings are wrong in which way, with examples of each."""

    lost: int = 0
    never_sent: int = 0
    wrong: int = 0
    duplicated: int = 0
    stored: int = 0
    gaps: list[Gap] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """What else is wrong, in words."""
    examples: list[str] = field(default_factory=list)

    @property
    def unsaid(self) -> int:
        """Readings that were lost without the table `gaps` saying so, or more than it says."""
        if any(gap.lost_count is None for gap in self.gaps):
            return 0
        return max(0, self.lost - sum(gap.lost_count or 0 for gap in self.gaps))

    @property
    def only_lost(self) -> bool:
        """Whether nothing is wrong but what was lost."""
        return not (self.never_sent or self.wrong or self.duplicated or self.others)

    @property
    def clean(self) -> bool:
        """Whether nothing at all is wrong, and nothing was lost."""
        return self.only_lost and not self.lost and not self.gaps

    def __str__(self) -> str:
        gaps = ", ".join(f"{gap.lost_count} ({gap.reason})" for gap in self.gaps) or "none"
        return (
            f"lost {self.lost} (unsaid {self.unsaid}), never sent {self.never_sent},"
            f" wrong {self.wrong}, duplicated {self.duplicated}, gaps {gaps}"
            + "".join(f", {other}" for other in self.others)
        )

    def add(self, kind: str, *where: object) -> None:
        """Count a reading that is wrong in this way."""
        count = getattr(self, kind) + 1
        setattr(self, kind, count)
        if count <= _EXAMPLES:
            self.examples.append(f"{kind}: {' '.join(map(str, where))}")


def audit(database: Path, ledger: Ledger) -> Findings:
    """Compare a database that nobody writes to any more with what was sent."""
    findings = Findings()
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as file:
        _look_over(file, findings)
        for number, name in file.execute("SELECT id, name FROM series").fetchall():
            rows = file.execute("SELECT ts, value FROM readings WHERE series_id = ?", (number,))
            _compare(name, rows.fetchall(), ledger, findings)
        present = {name for (name,) in file.execute("SELECT name FROM series")}
    for name in (ledger.acknowledged.keys() | ledger.stamped.keys()) - present:
        _compare(name, [], ledger, findings)
    return findings


def audit_rejected(texts: Iterable[bytes], ledger: Ledger, findings: Findings) -> None:
    """Only what is bad may have been set aside."""
    for text in texts:
        if text not in ledger.bad:
            findings.others.append(f"a good text was rejected: {text[:100]!r}")


def _look_over(file: sqlite3.Connection, findings: Findings) -> None:
    answer = [row[0] for row in file.execute("PRAGMA integrity_check")]
    if answer != ["ok"]:
        findings.others.append(f"integrity_check: {answer[:3]}")
    if file.execute("PRAGMA foreign_key_check").fetchone():
        findings.others.append("foreign_key_check finds readings without a series")
    findings.gaps = [Gap(*row) for row in file.execute("SELECT count, reason FROM gaps")]
    refused = file.execute("SELECT count(*) FROM refused").fetchone()[0]
    if refused:
        findings.others.append(f"{refused} acknowledged readings were refused later")


def _compare(name: str, rows: list[tuple[int, float]], ledger: Ledger, findings: Findings) -> None:
    findings.stored += len(rows)
    if name.startswith(KEYED):
        _compare_keyed(name, rows, ledger, findings)
    elif name.startswith(TIMELESS):
        _compare_timeless(name, rows, ledger, findings)
    elif not name.startswith(FOREIGN):
        for row in rows:
            findings.add("never_sent", name, *row)


def _compare_keyed(
    name: str, rows: list[tuple[int, float]], ledger: Ledger, findings: Findings
) -> None:
    acknowledged = ledger.acknowledged.get(name, {})
    possible = ledger.possible.get(name, {})
    for ts, value in rows:
        unknown = possible.get(ts, set[float]())
        if ts not in acknowledged and not unknown:
            findings.add("never_sent", name, ts, value)
        elif value != acknowledged.get(ts) and value not in unknown:
            findings.add("wrong", name, ts, value, "instead of", acknowledged.get(ts), unknown)
    for ts in sorted(acknowledged.keys() - dict(rows).keys()):
        findings.add("lost", name, ts, acknowledged[ts])


def _compare_timeless(
    name: str, rows: list[tuple[int, float]], ledger: Ledger, findings: Findings
) -> None:
    sent = ledger.stamped.get(name, {})
    times: Counter[Any] = Counter(value for _, value in rows)
    for value, count in times.items():
        if value not in sent:
            findings.add("never_sent", name, value)
        elif count > 1:
            findings.add("duplicated", name, value, count, "times")
    for value, acknowledged in sent.items():
        if acknowledged and value not in times:
            findings.add("lost", name, value)
