"""The principal of a request: who sends it, and what they may do."""

from typing import Final, Literal, NamedTuple, TypeAlias

from services.access import Role, includes
from services.allowed_series import AllowedSeries

PrincipalKind: TypeAlias = Literal[
    "everybody", "anonymous", "token", "password", "user", "share", "proxy"
]


class Principal(NamedTuple):
    """Sender of a request, with their rights.

    Attributes:
        kind: How it was found: nobody has to log in, nobody has logged in, a token, a user's
            password or session, a share link, or the header of a trusted proxy.
        name: Name of the user or token, id of the share, otherwise "".
        role: What it may do.
        series: The series that it may use, None for all.
        key: Hash or name by which it is found again.
        window_seconds: Age up to which it may read, None for any.
        start: First time in microseconds that it may read, None for any.
        end: Last time that it may read.
        view: Name of the view that its share link shows, None without one.
    """

    kind: PrincipalKind
    name: str
    role: Role
    series: AllowedSeries | None = None
    key: str = ""
    window_seconds: float | None = None
    start: int | None = None
    end: int | None = None
    view: str | None = None

    @property
    def is_restricted(self) -> bool:
        """True if it may not use all series or all times."""
        return (self.series, self.window_seconds, self.start, self.end) != (None,) * 4

    def may(self, role: Role) -> bool:
        """Return True if it may do what a role allows."""
        return includes(self.role, role)


EVERYBODY: Final = Principal("everybody", "", "admin")
"""The principal of every request while there are no users and tokens."""

ANONYMOUS: Final = Principal("anonymous", "", "view")
"""The principal of a request without a login, where everybody may look."""
