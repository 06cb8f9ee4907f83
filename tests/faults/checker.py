"""The checker: it compares the database and the dead letters with the log of sent readings."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.faults.send_log import SYNTHETIC, TIMED, UNTIMED, SendLog

_MAX_EXAMPLES: Final = 5


class Gap(NamedTuple):
    """A row of the table `gaps`. The count is None where it is unknown."""

    lost_count: int | None
    reason: str


@dataclass
class Findings:
    """The result of a check: counts of wrong readings by kind, with examples.

    Attributes:
        lost: Acknowledged readings that the database does not have.
        never_sent: Readings in the database that nobody has sent.
        wrong: Readings with another value than the one that was sent.
        duplicated: Readings that are stored twice.
        stored: All readings in the database.
        gaps: The table `gaps`.
        others: Everything else that is wrong, in words.
        examples: The first wrong readings of each kind, in words.
    """

    lost: int = 0
    never_sent: int = 0
    wrong: int = 0
    duplicated: int = 0
    stored: int = 0
    gaps: list[Gap] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)

    @property
    def unreported(self) -> int:
        """The lost readings that the table `gaps` does not account for."""
        if any(gap.lost_count is None for gap in self.gaps):
            return 0
        return max(0, self.lost - sum(gap.lost_count or 0 for gap in self.gaps))

    @property
    def only_lost(self) -> bool:
        """True if nothing is wrong except that readings may be lost."""
        return not (self.never_sent or self.wrong or self.duplicated or self.others)

    @property
    def clean(self) -> bool:
        """True if nothing is wrong and nothing is lost."""
        return self.only_lost and not self.lost and not self.gaps

    def __str__(self) -> str:
        gaps = ", ".join(f"{gap.lost_count} ({gap.reason})" for gap in self.gaps) or "none"
        return (
            f"lost {self.lost} (unreported {self.unreported}), never sent {self.never_sent},"
            f" wrong {self.wrong}, duplicated {self.duplicated}, gaps {gaps}"
            + "".join(f", {other}" for other in self.others)
        )

    def add(self, kind: str, *details: object) -> None:
        """Count a wrong reading.

        Args:
            kind: The name of the counter.
            details: The parts of its description in the examples.
        """
        count = getattr(self, kind) + 1
        setattr(self, kind, count)
        if count <= _MAX_EXAMPLES:
            self.examples.append(f"{kind}: {' '.join(map(str, details))}")


def check_database(database: Path, log: SendLog) -> Findings:
    """Compare a database, which no process may write to, with the sent readings."""
    findings = Findings()
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        _check_tables(connection, findings)
        for series_id, name in connection.execute("SELECT id, name FROM series").fetchall():
            query = "SELECT ts, value FROM readings WHERE series_id = ?"
            rows = connection.execute(query, (series_id,)).fetchall()
            _check_series(name, rows, log, findings)
        stored = {name for (name,) in connection.execute("SELECT name FROM series")}
    for name in (log.acknowledged.keys() | log.untimed.keys()) - stored:
        _check_series(name, [], log, findings)
    return findings


def check_rejected(texts: Iterable[bytes], log: SendLog, findings: Findings) -> None:
    """Report every dead letter that was a valid message."""
    for text in texts:
        if text not in log.bad_texts:
            findings.others.append(f"a valid message was rejected: {text[:100]!r}")


def _check_tables(connection: sqlite3.Connection, findings: Findings) -> None:
    integrity = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    if integrity != ["ok"]:
        findings.others.append(f"integrity_check: {integrity[:3]}")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        findings.others.append("foreign_key_check finds readings without a series")
    # A gap of the channel is about messages of other tools, and excuses no loss of ours.
    query = "SELECT count, reason FROM gaps WHERE reason NOT LIKE '%did not hear the channel%'"
    findings.gaps = [Gap(*row) for row in connection.execute(query)]
    refused = connection.execute("SELECT count(*) FROM refused").fetchone()[0]
    if refused:
        findings.others.append(f"{refused} acknowledged readings were refused later")


def _check_series(
    name: str, rows: list[tuple[int, float]], log: SendLog, findings: Findings
) -> None:
    findings.stored += len(rows)
    if name.startswith(TIMED):
        _check_timed(name, rows, log, findings)
    elif name.startswith(UNTIMED):
        _check_untimed(name, rows, log, findings)
    elif not name.startswith(SYNTHETIC):
        for row in rows:
            findings.add("never_sent", name, *row)


def _check_timed(
    name: str, rows: list[tuple[int, float]], log: SendLog, findings: Findings
) -> None:
    acknowledged = log.acknowledged.get(name, {})
    possible = log.possible.get(name, {})
    for ts, value in rows:
        unknown = possible.get(ts, set[float]())
        if ts not in acknowledged and not unknown:
            findings.add("never_sent", name, ts, value)
        elif value != acknowledged.get(ts) and value not in unknown:
            findings.add("wrong", name, ts, value, "instead of", acknowledged.get(ts), unknown)
    for ts in sorted(acknowledged.keys() - dict(rows).keys()):
        findings.add("lost", name, ts, acknowledged[ts])


def _check_untimed(
    name: str, rows: list[tuple[int, float]], log: SendLog, findings: Findings
) -> None:
    sent = log.untimed.get(name, {})
    counts: Counter[Any] = Counter(value for _, value in rows)
    for value, count in counts.items():
        if value not in sent:
            findings.add("never_sent", name, value)
        elif count > 1:
            findings.add("duplicated", name, value, count, "times")
    for value, acknowledged in sent.items():
        if acknowledged and value not in counts:
            findings.add("lost", name, value)
