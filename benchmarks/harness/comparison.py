"""Several ways of doing the same, measured in turns, and the ratios of their figures.

A shared machine is now faster and now slower. What is measured in turns shares that, so the ratio
of a round is worth more than its figures.
"""

import sys
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

import click

Figures = dict[str, float]
"""What one run has measured, by name."""


class Row(NamedTuple):
    """A figure in the table: its name, what it is, and its decimals."""

    figure: str
    title: str
    decimals: int = 1


class Contestant(NamedTuple):
    """One of the ways, and what measures it once."""

    name: str
    measure: Callable[[], Figures]


class Comparison(NamedTuple):
    """The figures of every contestant, by name; those of one round were measured in turns.

    The first contestant is ours, the others are its yardsticks.
    """

    rounds: dict[str, list[Figures]]

    @property
    def ours(self) -> list[Figures]:
        """The rounds of the first contestant."""
        return next(iter(self.rounds.values()))

    def ratios(self, figure: str, yardstick: str) -> list[float]:
        """Ours divided by a yardstick, for each round; none where one has no such figure.

        A yardstick of zero gives no ratio either.
        """
        return [
            ours[figure] / theirs[figure]
            for ours, theirs in zip(self.ours, self.rounds[yardstick], strict=True)
            if figure in ours and theirs.get(figure)
        ]


def in_turns(rounds: int, contestants: Sequence[Contestant], label: str) -> Comparison:
    """Measure all of them, one after the other, so many times."""
    comparison = Comparison({contestant.name: [] for contestant in contestants})
    unseen = not sys.stderr.isatty()
    with click.progressbar(
        list(contestants) * rounds, label=label, file=sys.stderr, hidden=unseen
    ) as steps:
        for contestant in steps:
            comparison.rounds[contestant.name].append(contestant.measure())
    return comparison


def table(title: str, rows: Sequence[Row], comparison: Comparison) -> list[str]:
    """The lines of a Markdown table: medians, and the median, least and greatest ratios."""
    ours, *yardsticks = comparison.rounds
    names = [ours, *yardsticks, *(f"{ours} / {yardstick}" for yardstick in yardsticks)]
    lines = [f"| {title} | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for row in rows:
        cells = [_median(row, figures) for figures in comparison.rounds.values()]
        cells += [_ratio(comparison.ratios(row.figure, yardstick)) for yardstick in yardsticks]
        lines.append(f"| {row.title} | {' | '.join(cells)} |")
    return lines


def _median(row: Row, rounds: list[Figures]) -> str:
    values = [figures[row.figure] for figures in rounds if row.figure in figures]
    return f"{median(values):,.{row.decimals}f}" if values else ""


def _ratio(ratios: list[float]) -> str:
    if not ratios:
        return ""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
