"""The users of Redis that `stripchart redis-users` makes, with a known password."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from services.broker import Broker
from services.cli.supervise.redis_rights import ROLES, rights_of
from services.settings import Settings
from tests.support.redis_server import RedisServer

PASSWORD: Final = "PASSWORD"  # noqa: S105 (of a server for tests)


def users() -> dict[str, list[str]]:
    """Return the rules of each user, by its name."""
    return {f"stripchart-{role}": [*rights_of(role, "readings"), f">{PASSWORD}"] for role in ROLES}


class RedisRole:
    """A process or person with a user of Redis.

    Attributes:
        name: The name of the user.
        rules: Its rules.
        used: The commands that were carried out as this user.
        admin: A client with all rights.
    """

    def __init__(self, server: RedisServer, name: str, settings: Settings) -> None:
        self.name = name
        self.rules = users()[name]
        self.used: set[str] = set()
        self.admin = server.client
        server.client.flushall()
        server.client.script_flush()
        server.client.execute_command("ACL", "SETUSER", name, *self.rules)
        server.client.execute_command("ACL", "LOG", "RESET")
        url = f"redis://{name}:{PASSWORD}@127.0.0.1:{server.port}/0"
        self.settings = replace(settings, redis_url=url)
        self.broker = Broker.connect(self.settings)

    @contextmanager
    def acts(self) -> Iterator[None]:
        """Record the commands of a block in which nobody else sends any."""
        before = self._calls()
        yield
        after = self._calls()
        # The first question is itself counted.
        before["info"] = before.get("info", 0) + 1
        self.used |= {name for name, calls in after.items() if calls > before.get(name, 0)}

    def _calls(self) -> dict[str, int]:
        stats: Any = self.admin.info("commandstats")
        calls = {name.removeprefix("cmdstat_"): stat["calls"] for name, stat in stats.items()}
        return {name: count for name, count in calls.items() if name != "auth"}

    def allowed(self) -> set[str]:
        """Return the commands and categories that the rules allow."""
        return {rule[1:] for rule in self.rules if rule.startswith("+")}

    def check(self) -> None:
        """Check that all was allowed, and that each right was needed."""
        denied = self.admin.execute_command("ACL", "LOG")
        assert denied == [], f"{self.name} may not: {denied}"
        unneeded = set()
        for right in self.allowed():
            commands = {right}
            if right.startswith("@"):
                commands = set(self.admin.execute_command("ACL", "CAT", right[1:]))
            # Redis counts the calls of subcommands since version 7.
            commands |= {command.partition("|")[0] for command in commands}
            if not commands & self.used:
                unneeded.add(right)
        assert unneeded == set(), f"{self.name} does not need {sorted(unneeded)}"
