"""Notices: what viewers learn about a command."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

from services.access_command import AccessCommand
from services.command import Command, DeleteView, PutView, SetSettings, SetUnit, affected_series


class Notice(NamedTuple):
    """The part of a command that is sent to viewers.

    Attributes:
        type: Type of its frame. After `changed` clients must reload their history, after `settings`
            only the list of series, and after `views` the view that they show.
        names: Names of the series or views that the command changes.
    """

    type: Literal["changed", "settings", "views"]
    names: Sequence[str]

    @classmethod
    def of_command(cls, command: Command) -> Self | None:
        """Return the notice of a command, None if it is none of the viewers' business."""
        if isinstance(command, AccessCommand):
            return None
        if isinstance(command, PutView | DeleteView):
            return cls("views", (command.view,))
        is_setting = isinstance(command, SetSettings | SetUnit)
        return cls("settings" if is_setting else "changed", affected_series(command))
