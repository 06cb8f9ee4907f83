"""The users of Redis that `stripchart redis-users` makes, with a known password."""

from typing import Final

from services.cli.supervise.redis_rights import ROLES, rights_of

PASSWORD: Final = "PASSWORD"  # noqa: S105 (of a server for tests)


def users() -> dict[str, list[str]]:
    """Return the rules of each user, by its name."""
    return {f"stripchart-{role}": [*rights_of(role, "readings"), f">{PASSWORD}"] for role in ROLES}
