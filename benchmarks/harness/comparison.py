"""Two ways of doing the same, measured in turns, and the ratio of their figures.

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
    """The rounds of both; those of the same number were measured one after the other."""

    ours: list[Figures]
    yardstick: list[Figures]

    def ratios(self, figure: str) -> list[float]:
        """Ours divided by the yardstick, for each round; none where one of them has no such figure.

        A yardstick of zero gives no ratio either.
        """
        return [
            ours[figure] / yardstick[figure]
            for ours, yardstick in zip(self.ours, self.yardstick, strict=True)
            if figure in ours and yardstick.get(figure)
        ]


def in_turns(rounds: int, ours: Contestant, yardstick: Contestant, label: str) -> Comparison:
    """Measure both, one after the other, so many times."""
    comparison = Comparison([], [])
    both: list[tuple[Contestant, list[Figures]]]
    both = [(ours, comparison.ours), (yardstick, comparison.yardstick)] * rounds
    unseen = not sys.stderr.isatty()
    with click.progressbar(both, label=label, file=sys.stderr, hidden=unseen) as steps:
        for contestant, measured in steps:
            measured.append(contestant.measure())
    return comparison


def table(
    title: str, rows: Sequence[Row], names: tuple[str, str], comparison: Comparison
) -> list[str]:
    """The lines of a Markdown table: medians, and the median, least and greatest ratio."""
    ours, yardstick = names
    lines = [
        f"| {title} | {ours} | {yardstick} | {ours} / {yardstick} |",
        "|---|---:|---:|---:|",
    ]
    for row in rows:
        cells = [_median(row, comparison.ours), _median(row, comparison.yardstick)]
        lines.append(f"| {row.title} | {' | '.join(cells)} | {_ratio(comparison, row.figure)} |")
    return lines


def _median(row: Row, rounds: list[Figures]) -> str:
    values = [figures[row.figure] for figures in rounds if row.figure in figures]
    return f"{median(values):.{row.decimals}f}" if values else ""


def _ratio(comparison: Comparison, figure: str) -> str:
    ratios = comparison.ratios(figure)
    if not ratios:
        return ""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
