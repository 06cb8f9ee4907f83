"""Notices: what viewers learn about a command."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

from services.command import Command, SetSettings, affected_series


class Notice(NamedTuple):
    """The part of a command that is sent to viewers.

    Attributes:
        type: Type of its frame. After `changed` clients must reload their history, after `settings`
            only the list of series.
        series: Names of the series that the command changes.
    """

    type: Literal["changed", "settings"]
    series: Sequence[str]

    @classmethod
    def of_command(cls, command: Command) -> Self:
        """Return the notice of a command."""
        is_setting = isinstance(command, SetSettings)
        return cls("settings" if is_setting else "changed", affected_series(command))
