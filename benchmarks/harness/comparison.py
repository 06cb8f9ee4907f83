"""Comparison of contestants that are measured in turns, and the ratios of their figures.

The speed of a shared machine changes. Contestants that are measured in turns share these changes,
so the ratio of one round is more reliable than its figures.
"""

import sys
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

import click

Figures = dict[str, float]
"""Results of one measurement, by name."""


class TableRow(NamedTuple):
    """One figure in the table.

    Attributes:
        figure: Name of the figure.
        title: Title of the row, with the unit.
        decimals: Number of decimals.
    """

    figure: str
    title: str
    decimals: int = 1


class Contestant(NamedTuple):
    """One of the compared programs.

    Attributes:
        name: Title of its column.
        measure: Measures it once.
    """

    name: str
    measure: Callable[[], Figures]


class Comparison(NamedTuple):
    """The figures of all contestants. The first one is ours, the others are its yardsticks.

    Attributes:
        rounds: Figures of each round, by the name of the contestant.
    """

    rounds: dict[str, list[Figures]]

    @property
    def ours(self) -> list[Figures]:
        """Figures of the first contestant, for each round."""
        return next(iter(self.rounds.values()))

    def ratios(self, figure: str, yardstick: str) -> list[float]:
        """Return our figure divided by that of a yardstick, for each round.

        Rounds in which one of the two has no such figure, or the yardstick's is zero, are left out.
        """
        return [
            ours[figure] / theirs[figure]
            for ours, theirs in zip(self.ours, self.rounds[yardstick], strict=True)
            if figure in ours and theirs.get(figure)
        ]


def measure_in_turns(rounds: int, contestants: Sequence[Contestant], label: str) -> Comparison:
    """Measure all contestants, one after the other, in each round.

    Args:
        rounds: Number of rounds.
        contestants: The contestants, ours first.
        label: Label of the progress bar on standard error.
    """
    comparison = Comparison({contestant.name: [] for contestant in contestants})
    hidden = not sys.stderr.isatty()
    with click.progressbar(
        list(contestants) * rounds, label=label, file=sys.stderr, hidden=hidden
    ) as turns:
        for contestant in turns:
            comparison.rounds[contestant.name].append(contestant.measure())
    return comparison


def format_table(title: str, rows: Sequence[TableRow], comparison: Comparison) -> list[str]:
    """Return the lines of a Markdown table.

    A cell has the median of all rounds; a ratio has its median, minimum and maximum.
    """
    ours, *yardsticks = comparison.rounds
    names = [ours, *yardsticks, *(f"{ours} / {yardstick}" for yardstick in yardsticks)]
    lines = [f"| {title} | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for row in rows:
        cells = [_format_median(row, figures) for figures in comparison.rounds.values()]
        cells += [
            _format_ratios(comparison.ratios(row.figure, yardstick)) for yardstick in yardsticks
        ]
        lines.append(f"| {row.title} | {' | '.join(cells)} |")
    return lines


def _format_median(row: TableRow, rounds: list[Figures]) -> str:
    values = [figures[row.figure] for figures in rounds if row.figure in figures]
    return f"{median(values):,.{row.decimals}f}" if values else ""


def _format_ratios(ratios: list[float]) -> str:
    if not ratios:
        return ""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
