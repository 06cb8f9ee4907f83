"""The policy: which role each endpoint needs."""

from typing import Final

from services.access import Role

OPEN_ENDPOINTS: Final = frozenset(
    {
        "static",
        "health.livez",
        "probes.ping",
        "probes.health",
        "access.login",
        "access.log_in",
        "access.log_out",
        "first_user.make",
        "first_user.page",
        "share_links.add_slash",
        "upgrade_required",
    }
)
"""Endpoints that need no login."""

SHARE_ENDPOINTS: Final = frozenset(
    {
        "static",
        "index",
        "health.livez",
        "history.get_data",
        "history.history",
        "history.series",
        "live.relay",
        "me.me",
        "ranges.increase",
        "ranges.statistics",
        "share_links.show",
        "stream.stream",
        "upgrade_required",
    }
)
"""All that a share link gives access to: what its page needs."""

ROLES_BY_ENDPOINT: Final[dict[str, Role]] = {
    "index": "view",
    "account.account": "view",
    "view_page": "view",
    "health.readyz": "view",
    "health.status": "view",
    "history.get_data": "view",
    "history.history": "view",
    "history.series": "view",
    "live.relay": "view",
    "me.change_password": "view",
    "me.end_sessions": "view",
    "me.me": "view",
    "metrics.metrics": "view",
    "openapi.openapi": "view",
    "openapi.page": "view",
    "probes.query": "view",
    "probes.ready": "view",
    "ranges.increase": "view",
    "ranges.statistics": "view",
    "share_links.show": "view",
    "status_page.status_page": "view",
    "stream.stream": "view",
    "views.list_views": "view",
    "views.view": "view",
    "influx.write": "write",
    "influx.write_v2": "write",
    "influx.write_v3": "write",
    "shares.add_share": "write",
    "shares.list_shares": "write",
    "shares.revoke_share": "write",
    "views.remove": "write",
    "views.save": "write",
    "write.readings": "write",
    "corrections.change": "admin",
    "corrections.remove": "admin",
    "tokens.add_token": "admin",
    "tokens.list_tokens": "admin",
    "tokens.revoke_token": "admin",
    "users.add_user": "admin",
    "users.change_user": "admin",
    "users.list_users": "admin",
    "users.remove_user": "admin",
}
"""The role that each other endpoint needs. A test compares this with the routes."""

RESTRICTED_ENDPOINTS: Final = frozenset(
    {
        "index",
        "health.readyz",
        "health.status",
        "history.get_data",
        "history.history",
        "history.series",
        "live.relay",
        "me.me",
        "openapi.openapi",
        "openapi.page",
        "probes.query",
        "probes.ready",
        "ranges.increase",
        "ranges.statistics",
        "share_links.show",
        "stream.stream",
        "influx.write",
        "influx.write_v2",
        "influx.write_v3",
        "write.readings",
        "corrections.change",
        "corrections.remove",
    }
)
"""Endpoints for principals of some series or times: those that restrict themselves.

Each applies `restriction.py`, or tells nothing about series. All other endpoints refuse such a
principal, so a new one is refused until somebody has thought of it.
"""


def restricts_itself(endpoint: str | None) -> bool:
    """Return True if a principal of some series may use an endpoint, or it is an unknown path."""
    return endpoint is None or endpoint in RESTRICTED_ENDPOINTS


def needed_role(endpoint: str | None) -> Role | None:
    """Return the role that an endpoint needs, None if it needs no login.

    An unknown endpoint, or the None of an unknown path, needs the role of a viewer: who may not
    look does not learn which paths exist.
    """
    if endpoint in OPEN_ENDPOINTS:
        return None
    return "view" if endpoint is None else ROLES_BY_ENDPOINT.get(endpoint, "admin")


def takes_parameters(endpoint: str | None) -> bool:
    """Return True if an endpoint takes a token from the address, as InfluxDB's clients send it."""
    return endpoint is not None and endpoint.startswith(("influx.", "probes."))
