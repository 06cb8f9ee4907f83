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
        "upgrade_required",
    }
)
"""Endpoints that need no login."""

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
    "openapi.openapi": "view",
    "openapi.page": "view",
    "probes.query": "view",
    "probes.ready": "view",
    "ranges.increase": "view",
    "ranges.statistics": "view",
    "stream.stream": "view",
    "views.list_views": "view",
    "views.view": "view",
    "influx.write": "write",
    "influx.write_v2": "write",
    "influx.write_v3": "write",
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
