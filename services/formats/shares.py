"""Share links as people ask for them: a title, series, a window or a range, and an end."""

from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from services.access import (
    MAX_SHARED_NAMES,
    MAX_TITLE_CHARS,
    hash_secret,
    new_secret,
    new_share_id,
)
from services.errors import MalformedError
from services.formats.durations import parse_duration, parse_end
from services.formats.times import parse_time
from services.formats.views import MAX_VIEW_NAME_CHARS, view_name
from services.reading import MAX_NAME_CHARS, ts_from_seconds
from services.share_command import AddShare

DEFAULT_SHARE_LIFE = "30d"

_Time = float | str


class NewShare(NamedTuple):
    """A share link that is to be added. Only its maker ever sees the secret."""

    secret: str
    command: AddShare


class ShareRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A share link to make: of series, or of a view by its name.

    `expires` is a duration such as `1h`, or `never`. `window` shows only the newest time, such as
    `24h`. `from` and `to` show only a range, in Unix seconds or ISO 8601. Without them everything
    is shown.
    """

    series: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)]],
        Meta(max_length=MAX_SHARED_NAMES, description="Names, or patterns with *"),
    ] = []
    title: Annotated[str, Meta(max_length=MAX_TITLE_CHARS)] = ""
    expires: str = DEFAULT_SHARE_LIFE
    window: str | None = None
    from_: _Time | None = msgspec.field(default=None, name="from")
    to: _Time | None = None
    view: Annotated[str, Meta(max_length=MAX_VIEW_NAME_CHARS)] | None = None

    def make(self, now: int, creator: str = "") -> NewShare:
        """Make the share link, with a new secret.

        Args:
            now: Current time in microseconds.
            creator: Who makes it, "" for the command line.

        Raises:
            MalformedError: It can't be made like this.
        """
        secret = new_secret()
        command = AddShare(
            new_share_id(),
            hash_secret(secret),
            self.title,
            tuple(self.series),
            now,
            parse_end(self.expires, now),
            None if self.window is None else parse_duration(self.window),
            _parse_optional_time(self.from_, now),
            _parse_optional_time(self.to, now),
            creator,
            None if self.view is None else view_name(self.view),
        )
        fault = command.fault()
        if fault is not None:
            raise MalformedError(fault)
        return NewShare(secret, command)


def _parse_optional_time(time: _Time | None, now: int) -> int | None:
    if time is None or isinstance(time, str):
        return None if time is None else parse_time(time, now)
    try:
        return ts_from_seconds(time)
    except (ValueError, OverflowError):
        raise MalformedError(f"{time} is not a time in Unix seconds") from None
