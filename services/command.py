"""A command: what is to be corrected of what was recorded before it.

It stands in the journal among the readings: those before it are affected, those after it are not.
"""

from typing import NamedTuple, TypeAlias

from services.reading import Reading


class Rename(NamedTuple):
    """Give a series another name."""

    series: str
    name: str

    def apply(self, reading: Reading) -> Reading | None:
        """What becomes of a reading that stands before this command."""
        return reading._replace(series=self.name) if reading.series == self.series else reading


class SetUnit(NamedTuple):
    """Give a series another unit, or none."""

    series: str
    unit: str | None

    def apply(self, reading: Reading) -> Reading | None:
        """What becomes of a reading that stands before this command: its unit counts no more."""
        return reading._replace(unit=None) if reading.series == self.series else reading


class Delete(NamedTuple):
    """Delete a series with all its readings."""

    series: str

    def apply(self, reading: Reading) -> Reading | None:
        """What becomes of a reading that stands before this command; None when it is gone."""
        return None if reading.series == self.series else reading


class Erase(NamedTuple):
    """Erase the readings of a series between two times in microseconds, both included."""

    series: str
    start: int
    end: int

    def apply(self, reading: Reading) -> Reading | None:
        """What becomes of a reading that stands before this command; None when it is gone."""
        inside = reading.series == self.series and self.start <= reading.ts <= self.end
        return None if inside else reading


Command: TypeAlias = Rename | SetUnit | Delete | Erase


def affected_series(command: Command) -> tuple[str, ...]:
    """The series that a command is about."""
    return (command.series, command.name) if isinstance(command, Rename) else (command.series,)
