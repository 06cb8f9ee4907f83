"""Restriction of a request: the series and times that its principal may use.

An endpoint that reads or writes readings gets its restriction here, and passes it to its queries.
`policy.py` lists these endpoints. All others refuse a restricted principal.
"""

from collections.abc import Container, Iterable

from werkzeug import Request

from services.allowed_series import AllowedSeries
from services.clock import now_microseconds
from services.reading import END_OF_TIME, MICROSECONDS
from services.restriction import NO_RESTRICTION, Restriction
from services.web.access.control import principal_of
from services.web.access.principal import Principal


def restriction_of(request: Request) -> Restriction:
    """Return the restriction of a request. A window ends now."""
    principal = principal_of(request)
    if not principal.is_restricted:
        return NO_RESTRICTION
    return restriction_at(principal, now_microseconds())


def restriction_at(principal: Principal, now: int) -> Restriction:
    """Return the restriction of a principal at a time in microseconds."""
    starts = [-END_OF_TIME if principal.start is None else principal.start]
    if principal.window_seconds is not None:
        starts.append(round(now - principal.window_seconds * MICROSECONDS))
    end = END_OF_TIME if principal.end is None else principal.end
    return Restriction(principal.series, max(starts), end)


def allowed_series(request: Request) -> AllowedSeries | None:
    """Return the series that a request may use, None for all."""
    return principal_of(request).series


def are_allowed(names: Iterable[str], allowed: Container[str] | None) -> bool:
    """Return True if all series, of which names may be repeated, are allowed; None allows all."""
    return allowed is None or all(name in allowed for name in set(names))
