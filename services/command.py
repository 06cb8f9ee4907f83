"""Commands: corrections of readings that were published before, settings of series, views, access.

A command is an entry of the journal. A correction affects the readings before it, not those after
it.
"""

from typing import NamedTuple, TypeAlias

from services.access_command import AccessCommand
from services.reading import Reading
from services.series_settings import SettingsChange


class Rename(NamedTuple):
    """Rename a series.

    Attributes:
        series: Current name.
        name: New name.
    """

    series: str
    name: str

    def apply(self, reading: Reading) -> Reading | None:
        """Return an earlier reading as it is after this command."""
        return reading._replace(series=self.name) if reading.series == self.series else reading


class SetUnit(NamedTuple):
    """Set the unit of a series.

    Attributes:
        series: Name of the series.
        unit: New unit, None to remove it.
    """

    series: str
    unit: str | None

    def apply(self, reading: Reading) -> Reading | None:
        """Return an earlier reading after this command. Its own unit no longer counts."""
        return reading._replace(unit=None) if reading.series == self.series else reading


class SetSettings(NamedTuple):
    """Change settings of a series, which affect no reading.

    Attributes:
        series: Name of the series.
        change: The new settings.
    """

    series: str
    change: SettingsChange

    def apply(self, reading: Reading) -> Reading | None:
        """Return an earlier reading unchanged."""
        return reading


class Delete(NamedTuple):
    """Delete a series with all its readings.

    Attributes:
        series: Name of the series.
    """

    series: str

    def apply(self, reading: Reading) -> Reading | None:
        """Return an earlier reading after this command, None if the command deletes it."""
        return None if reading.series == self.series else reading


class Erase(NamedTuple):
    """Erase the readings of a series in a range of time.

    Attributes:
        series: Name of the series.
        start: First time to erase, in microseconds.
        end: Last time to erase, in microseconds.
    """

    series: str
    start: int
    end: int

    def apply(self, reading: Reading) -> Reading | None:
        """Return an earlier reading after this command, None if the command deletes it."""
        inside = reading.series == self.series and self.start <= reading.ts <= self.end
        return None if inside else reading


class PutView(NamedTuple):
    """Save a view, if nobody has changed it since it was read.

    Attributes:
        view: Name of the view.
        revision: Revision that is stored before, 0 if the name has none. It then has the next one.
        document: The view as JSON, None in the record of a command that was carried out.
    """

    view: str
    revision: int
    document: str | None


class DeleteView(NamedTuple):
    """Delete a view.

    Attributes:
        view: Name of the view.
        revision: Revision that must be stored, None for any.
    """

    view: str
    revision: int | None


SeriesCommand: TypeAlias = Rename | SetUnit | SetSettings | Delete | Erase
ViewCommand: TypeAlias = PutView | DeleteView
Command: TypeAlias = SeriesCommand | ViewCommand | AccessCommand


def affected_series(command: SeriesCommand) -> tuple[str, ...]:
    """Return the names of the series that a command changes: for a rename, both names."""
    return (command.series, command.name) if isinstance(command, Rename) else (command.series,)


def recorded_form(command: Command) -> Command:
    """Return a command as it is recorded and logged: without secrets, and views without content."""
    match command:
        case PutView():
            # A thousand views of 64 KB would be kept only to know that they were carried out.
            return command._replace(document=None)
        case Rename() | SetUnit() | SetSettings() | Delete() | Erase() | DeleteView():
            return command
        case _:
            return command.without_secret()
