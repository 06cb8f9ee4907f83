"""The processes of `stripchart up`, and the order in which they start and stop."""

import gc
import os
import sys
import time
from contextlib import closing, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from services.cli.supervise.append_only_file import UNRECORDED_CUT
from services.cli.supervise.boot_record import BootRecord, current_boot
from services.cli.supervise.forked_process import CAN_FORK
from services.cli.supervise.process import ProcessSpec
from services.cli.supervise.redis_server import RedisServer
from services.cli.supervise.supervisor import Supervisor
from services.concurrency import Shutdown
from services.errors import BrokerUnavailableError
from services.settings import Settings

REDIS: Final = "redis"
PROCESSES: Final = ("web", "writer", "producer", "jobs")
"""In the order of their start: the slowest first."""

_EXTERNAL_REDIS_SECONDS: Final = 5.0
"""Time that an external Redis has to answer. Our own may take as long as it loads its data."""

_REDIS_UMASK: Final = 0o077
"""Only our own user can read the files of Redis, whose modes can't be set otherwise."""

_MAX_REDIS_STARTS: Final = 3
_POLL_SECONDS: Final = 0.05
_STOP_DEADLINES: Final = ((("producer",), 2.0), (("web", "jobs"), 4.0), (PROCESSES, 8.0))
"""Processes that get SIGTERM one group after the other, and the seconds until the next group.

After 8 s the remaining processes are killed. Redis ends last, so that the others can still send.
"""

_REDIS_STOP_SECONDS: Final = 10.0
_WENT_DOWN: Final = (
    "the machine went down while Redis ran, so the newest readings may be lost;"
    " this is recorded as a gap"
)


class Processes:
    """Our own Redis, if there is one, and the processes around it."""

    def __init__(self, settings: Settings, supervisor: Supervisor, shutdown: Shutdown) -> None:
        self._original_settings = settings
        self._settings = settings
        self._supervisor = supervisor
        self._shutdown = shutdown
        self._own_redis: RedisServer | None = None
        self._boot_record: BootRecord | None = None
        # The number of the start of our own Redis after which other tools could use it.
        self._opened_start = 0

    def step(self, seconds: float) -> None:
        """Wait for the next event, at most `seconds`, and handle it.

        After each start of our own Redis, this opens it to other tools.

        Raises:
            SettingError: A process ended because of its settings.
        """
        opened = self._own_redis is None or self._open_redis(self._own_redis)
        self._supervisor.step(seconds if opened else min(seconds, _POLL_SECONDS))

    def start_redis(self, server: RedisServer, lock_descriptor: int) -> RedisServer:
        """Start our own Redis, and wait until it answers or until the shutdown.

        If the end of its data is damaged, as after a power failure, it is cut. If the machine went
        down while Redis ran, the writer records that newest readings may be lost. If another
        program took its port since it was chosen, it gets another one.

        Args:
            server: The server to start.
            lock_descriptor: The lock of DATA_DIR. Redis inherits it, so that a second one can't
                be started on its files, even if it outlives us.

        Returns:
            The server that runs.

        Raises:
            StripchartError: Redis ended before it answered.
        """
        server.write_files()
        went_down = self._save_boot(server)
        server = self._start_server(server, lock_descriptor)
        self._supervisor.enable_restart(REDIS)
        self._own_redis = server
        if went_down:
            self._supervisor.process(REDIS).write_line(_WENT_DOWN)
        self._open_redis(server)
        if server.data is not None and not self._shutdown.requested:
            self._mark_truncation(server.data / UNRECORDED_CUT)
        return server

    def _start_server(self, server: RedisServer, lock_descriptor: int) -> RedisServer:
        """Start a server. If it ends, remove the cause and start it again.

        Returns:
            The server that runs. It may have another port.

        Raises:
            StripchartError: It ended because of something else.
        """
        for _ in range(_MAX_REDIS_STARTS):
            self._settings = server.with_address(self._original_settings)
            spec = ProcessSpec(
                REDIS, server.command, self._environment(), (lock_descriptor,), umask=_REDIS_UMASK
            )
            if self._starts(spec):
                return server
            process = self._supervisor.process(REDIS)
            moved = server.moved_from_taken_port()
            cut = server.repair(process.last_lines) if moved is None else None
            if moved is not None:
                process.write_line(f"port {server.port} was taken meanwhile, using {moved.port}")
                server = moved
            elif cut is not None:
                process.write_line(str(cut))
            else:
                break
        raise server.explain_exit(self._supervisor.process(REDIS).last_lines)

    def _save_boot(self, server: RedisServer) -> bool:
        """Save the machine's boot while Redis runs. Returns True if it went down meanwhile."""
        if server.data is None:
            return False
        self._boot_record = BootRecord(server.data, current_boot())
        return self._boot_record.begin(syncs_always=server.appendfsync == "always")

    def _end_boot(self) -> None:
        if self._boot_record is not None:
            self._boot_record.end()

    def _starts(self, spec: ProcessSpec) -> bool:
        """Start Redis. Returns False if it ended before it answered and before the shutdown."""
        self._supervisor.start(spec, restart=False)
        while not self._shutdown.requested and not self._redis_answers(None):
            if not self._supervisor.process(REDIS).running:
                return False
            self._supervisor.step(_POLL_SECONDS)
        return True

    def _mark_truncation(self, unrecorded_cut: Path) -> None:
        """Let the writer record that readings may be lost, if the file or the power was cut."""
        if not unrecorded_cut.exists():
            return
        from services.broker import Broker, Journal  # noqa: PLC0415 (as in `_redis_answers`)

        with closing(Broker.connect(self._settings)) as broker:
            Journal(broker).truncation.set()
        unrecorded_cut.unlink()

    def wait_for_redis(self) -> None:
        """Wait until the Redis of the settings answers, or until the shutdown.

        Raises:
            BrokerUnavailableError: It did not answer within 5 s.
        """
        deadline = time.monotonic() + _EXTERNAL_REDIS_SECONDS
        while not self._shutdown.requested and not self._redis_answers(deadline):
            self._supervisor.step(_POLL_SECONDS)

    def start(self) -> None:
        """Start all processes except Redis, without waiting until they are ready.

        Where possible they are forks of this process, which then has imported their modules.
        """
        if CAN_FORK:
            _import_processes()
        for name in PROCESSES if not self._shutdown.requested else ():
            command = [sys.executable, "-P", "-m", f"services.{name}"]
            function = partial(_call_main, name) if CAN_FORK else None
            spec = ProcessSpec(name, command, self._environment(), function=function)
            self._supervisor.start(spec)

    def stop(self) -> None:
        """Stop all processes in order, within 10 s."""
        began = time.monotonic()
        for names, seconds in _STOP_DEADLINES:
            self._supervisor.terminate(names, began + seconds)
        self._supervisor.kill(PROCESSES)
        self._supervisor.terminate((REDIS,), began + _REDIS_STOP_SECONDS)
        self._supervisor.kill((REDIS,))
        # A Redis that ends on SIGTERM has synced its file. One that was killed may not have.
        if self._own_redis is not None and self._supervisor.process(REDIS).exit_status == 0:
            self._end_boot()

    def _open_redis(self, server: RedisServer) -> bool:
        """Give other tools their rights if Redis has loaded its data. Returns False if it has not.

        While it loads, it refuses the ping, but not the change of rights.
        """
        from services.broker import Broker  # noqa: PLC0415 (as in `_redis_answers`)

        starts = self._supervisor.process(REDIS).starts
        if starts == self._opened_start:
            return True
        with closing(Broker.connect(self._settings)) as broker:
            try:
                broker.ping()
                server.open_to_others(broker, self._settings.channel)
            except BrokerUnavailableError:
                return False
        self._opened_start = starts
        return True

    def _redis_answers(self, deadline: float | None) -> bool:
        # Imported here, so that the import and the start of Redis take place at the same time.
        from services.broker import Broker  # noqa: PLC0415

        broker = Broker.connect(self._settings)
        try:
            broker.ping()
        except BrokerUnavailableError:
            if deadline is not None and time.monotonic() >= deadline:
                raise
            return False
        finally:
            broker.close()
        return True

    def _environment(self) -> dict[str, str]:
        """Return our environment variables, with the settings that `up` has decided."""
        decided = {
            "REDIS_URL": self._settings.redis_url,
            "STRIPCHART_REDIS_PUBLIC_URL": self._settings.redis_public_url,
            "DATA_DIR": str(self._settings.data_dir),
            "DATABASE_URL": self._settings.database_url,
            "STRIPCHART_BACKUP_DIR": self._settings.backup_dir,
            "STRIPCHART_DURABLE": "yes" if self._settings.durable else "no",
            "STRIPCHART_SOURCES": ",".join(self._settings.sources),
            "PYTHONUNBUFFERED": "1",
        }
        files = {f"{name}_FILE" for name in decided}
        inherited = {name: value for name, value in os.environ.items() if name not in files}
        return inherited | decided


def _import_processes() -> None:
    """Import the modules of all processes, so that these share their memory."""
    for name in PROCESSES:
        # If this fails, it also fails in the process, whose output explains it.
        with suppress(ImportError):
            import_module(f"services.{name}.main")
    gc.collect()
    # A collection writes to every object, and so would copy its memory in each process.
    gc.freeze()


def _call_main(name: str) -> None:
    """Run the process of this name. Does not return."""
    import_module(f"services.{name}.main").main()
