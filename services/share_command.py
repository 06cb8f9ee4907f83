"""Commands that make and revoke share links."""

from typing import Final, TypeAlias

from services.access import hash_fault, series_fault, share_id_fault, title_fault
from services.secret_command import SecretCommand, time_fault

MAX_WINDOW_SECONDS: Final = 3_153_600_000.0
"""Longest window of a share: 100 years, as of the page."""


class AddShare(SecretCommand, frozen=True, tag="add_share"):
    """Add a share link, with which everybody who has it can look at some series.

    Attributes:
        share: Its id, by which it is listed and revoked.
        hash: Hash of the link's secret.
        title: What people see above the charts.
        series: Names and patterns of the series.
        created_at: Time in microseconds.
        expires_at: End in microseconds, None for no end.
        window_seconds: Length of the newest time that is shown, None for a range or all time.
        start: Start of a range in microseconds, None without a range.
        end: End of the range in microseconds.
        creator: Name of the user or token that made it, "" on the command line.
        view: Name of the view that is shown, None for series.
    """

    secret_field = "hash"  # noqa: S105 (the name of a field)

    share: str
    hash: str | None
    title: str
    series: tuple[str, ...]
    created_at: int
    expires_at: int | None = None
    window_seconds: float | None = None
    start: int | None = None
    end: int | None = None
    creator: str = ""
    view: str | None = None

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return (
            share_id_fault(self.share)
            or (None if self.hash is None else hash_fault(self.hash))
            or title_fault(self.title)
            or self._content_fault()
            or time_fault(self.created_at, self.expires_at)
            or self._window_fault()
        )

    def _content_fault(self) -> str | None:
        if self.view is None:
            return series_fault(self.series)
        return "give a view or series, not both" if self.series else None

    def _window_fault(self) -> str | None:
        if (self.start is None) != (self.end is None):
            return "a range needs both its start and its end"
        if self.start is None or self.end is None:
            window = self.window_seconds
            if window is None or 0 < window <= MAX_WINDOW_SECONDS:
                return None
            return "the window must be longer than 0 s, and at most 100 years"
        if self.window_seconds is not None:
            return "give a window or a range, not both"
        if self.start >= self.end:
            return "from must be before to"
        return time_fault(self.start, self.end)


class RevokeShare(SecretCommand, frozen=True, tag="revoke_share"):
    """Revoke a share link, by its id."""

    share: str

    def fault(self) -> str | None:
        """Return the reason why the command is invalid, None if it is valid."""
        return share_id_fault(self.share)


ShareCommand: TypeAlias = AddShare | RevokeShare
