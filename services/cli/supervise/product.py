"""The whole product under a supervisor: all processes, with a Redis of their own if none is set."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from services.cli.supervise import redis_server
from services.cli.supervise.console import Console
from services.cli.supervise.page_probe import is_page_live, page_url
from services.cli.supervise.ports import is_free
from services.cli.supervise.processes import PROCESSES, REDIS, Processes
from services.cli.supervise.supervisor import Supervisor
from services.concurrency import Shutdown
from services.errors import AlreadyRunningError, SettingError
from services.filelock import FileLock
from services.private_files import make_private_folder
from services.redis_address import UP_LOCK_NAME, saved, without_password
from services.redis_cli import redis_cli
from services.settings import Settings

_STARTUP_STEP_SECONDS: Final = 0.05
_STEP_SECONDS: Final = 60.0
_LOCK_RETRY_SECONDS: Final = 0.1


Step: TypeAlias = Callable[[], tuple[float, list[str]]]
"""Does what is due. Returns the seconds until the next call, and lines for the operator."""


class Feeder(Protocol):
    """Work that the supervising process does between two steps, such as feeding a demo."""

    def begin(self, settings: Settings) -> Step:
        """Begin, once the page answers. The settings have the address of Redis."""


def run_product(
    name: str, settings: Settings, *, own_redis: bool, feeder: Feeder | None = None
) -> None:
    """Run all processes until a signal ends us, and print their addresses.

    Args:
        name: Name of the command, in front of its lines.
        settings: Settings of all processes. The folder of the data is created if it is missing.
        own_redis: True to start a Redis with its data in this folder, False to use REDIS_URL.
        feeder: Work beside the processes.

    Raises:
        StripchartError: The processes can't run.
    """
    settings = replace(settings, data_dir=_make_data_dir(settings.data_dir))
    shutdown = Shutdown()
    shutdown.install_signal_handlers()
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda _number, _frame: shutdown.request())
    console = _make_console(name, settings)
    with _locked(settings.data_dir) as lock, Supervisor(console) as supervisor:
        _check_port(settings.host, settings.port)
        server = None
        if own_redis:
            server = redis_server.choose(settings.data_dir, appendfsync=settings.appendfsync)
        processes = Processes(settings, supervisor, shutdown)
        with ExitStack() as stack:
            stack.callback(processes.stop)
            if server is None:
                processes.wait_for_redis()
            else:
                server = processes.start_redis(server, lock.descriptor)
                settings = server.with_address(settings)
                stack.enter_context(saved(settings.data_dir, settings.redis_url))
            if not shutdown.requested:
                processes.start()
            while not shutdown.requested and not is_page_live(settings):
                processes.step(_STARTUP_STEP_SECONDS)
            for line in [] if shutdown.requested else _describe(settings, server):
                console.write(name, line)
            step: Step = _do_nothing
            if feeder is not None and not shutdown.requested:
                step = feeder.begin(settings)
            while not shutdown.requested:
                seconds, lines = step()
                for line in lines:
                    console.write(name, line)
                processes.step(seconds)
            console.write(name, "stopping")


def _make_console(name: str, settings: Settings) -> Console:
    return Console(
        sys.stdout.buffer,
        [name, REDIS, *PROCESSES],
        colored=sys.stdout.isatty() and not settings.no_color,
        as_json=settings.log_format == "json",
    )


def _do_nothing() -> tuple[float, list[str]]:
    """Wait for the next step, without a feeder."""
    return _STEP_SECONDS, []


def _describe(settings: Settings, server: redis_server.RedisServer | None) -> list[str]:
    """Return the lines about Redis and the page for the operator."""
    lines = [f"Redis: {without_password(settings.redis_url)}, from REDIS_URL"]
    if server is not None:
        lines = server.describe()
    public_url = settings.redis_public_url or settings.redis_url
    lines.append(f"other tools: {redis_cli(public_url, 'SUBSCRIBE', settings.channel)}")
    lines.append(f"the page: {page_url(settings)}")
    return lines


@contextmanager
def _locked(data_dir: Path) -> Iterator[FileLock]:
    """Hold the lock of a folder.

    Raises:
        AlreadyRunningError: Another `stripchart up` holds it.
    """
    lock = FileLock(data_dir / UP_LOCK_NAME)
    acquired = lock.acquire()
    if not acquired:
        # A command that looks whether we run holds it for a moment.
        time.sleep(_LOCK_RETRY_SECONDS)
        acquired = lock.acquire()
    if not acquired:
        raise AlreadyRunningError(
            f"another `stripchart up` runs on {data_dir}",
            "stop that one first, or set DATA_DIR to another folder",
        )
    try:
        yield lock
    finally:
        lock.release()


def _make_data_dir(data_dir: Path) -> Path:
    """Create the folder if it is missing, and return its absolute path.

    Raises:
        SettingError: The folder can't be created, or is not writable.
    """
    folder = data_dir.absolute()
    try:
        make_private_folder(folder)
    except OSError as error:
        raise SettingError(f"DATA_DIR can't be created: {error}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingError(f"DATA_DIR={folder} is not writable", "set it to another folder")
    return folder


def _check_port(host: str, port: int) -> None:
    """Check that the page can be served.

    Raises:
        SettingError: The port is in use, or the host is not this machine.
    """
    try:
        free = is_free(host, port)
    except OSError as error:
        raise SettingError(f"the page can't be served on {host}, port {port}: {error}") from error
    if not free:
        airplay = ", perhaps by the AirPlay receiver of macOS" if sys.platform == "darwin" else ""
        raise SettingError(f"port {port} is in use{airplay}", "set PORT to another port")
