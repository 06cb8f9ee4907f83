"""Power cuts while the Redis of `stripchart up` ran, on real servers that are killed."""

import io
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from services.broker import Broker, Journal
from services.cli.supervise import redis_server
from services.cli.supervise.console import Console
from services.cli.supervise.processes import REDIS, Processes
from services.cli.supervise.supervisor import Supervisor
from services.concurrency import Shutdown
from services.filelock import FileLock
from services.settings import Settings
from tests.support.journals import message, times

pytestmark = pytest.mark.redis

EARLIER_BOOT = "6f1f9bd5-0000-4000-8000-000000000000\n"


class Machine:
    """A machine on which `stripchart up` starts Redis, again and again."""

    def __init__(self, settings: Settings) -> None:
        self.lines = io.BytesIO()
        self.boot = settings.data_dir / "redis" / "running.boot"
        self._settings = settings

    @contextmanager
    def running(
        self, appendfsync: str = "no", *, stops: bool = False, port_is_taken: bool = False
    ) -> Iterator[Journal]:
        """Yield the journal while Redis runs. At the end it is stopped or killed.

        With `everysec`, Redis may answer before it writes, so a kill could lose that.
        """
        folder = self._settings.data_dir
        server = redis_server.choose(folder, appendfsync=appendfsync)
        other_program = ExitStack()
        if port_is_taken:
            other_program.enter_context(socket.create_server(("127.0.0.1", server.port)))
        lock = FileLock(folder / "up.lock")
        assert lock.acquire()
        with other_program, Supervisor(Console(self.lines, [REDIS], colored=False)) as supervisor:
            processes = Processes(self._settings, supervisor, Shutdown())
            server = processes.start_redis(server, lock.descriptor)
            with closing(Broker.connect(server.with_address(self._settings))) as broker:
                yield Journal(broker)
            if stops:
                processes.stop()
        lock.release()

    def cut_power(self) -> None:
        """Let the next start find what a power cut leaves: the boot before this one."""
        assert self.boot.exists()
        self.boot.write_text(EARLIER_BOOT)


@pytest.fixture
def machine(settings: Settings) -> Machine:
    settings.data_dir.mkdir()
    return Machine(settings)


def test_kill_sets_no_mark_and_a_power_cut_sets_it(machine: Machine) -> None:
    with machine.running() as journal:
        journal.publish([message(1)])
    with machine.running() as journal:
        assert times(journal) == [1]
        assert not journal.truncation.is_set()
    assert b"went down" not in machine.lines.getvalue()
    machine.cut_power()
    with machine.running() as journal:
        assert journal.truncation.is_set()
        journal.truncation.clear()
    assert b"redis | the machine went down while Redis ran, " in machine.lines.getvalue()
    with machine.running() as journal:
        assert not journal.truncation.is_set()


def test_power_cut_is_marked_if_another_program_takes_the_port(machine: Machine) -> None:
    with machine.running() as journal:
        journal.publish([message(1)])
    machine.cut_power()
    with machine.running(port_is_taken=True) as journal:
        assert times(journal) == [1]
        assert journal.truncation.is_set()
    assert b" was taken meanwhile, using " in machine.lines.getvalue()


def test_power_cut_after_a_clean_stop_sets_no_mark(machine: Machine) -> None:
    with machine.running(stops=True):
        pass
    assert not machine.boot.exists()
    with machine.running() as journal:
        assert not journal.truncation.is_set()


def test_redis_that_syncs_before_each_answer_needs_no_mark(machine: Machine) -> None:
    with machine.running("always") as journal:
        assert journal.epoch() is None
    assert not machine.boot.exists()


def test_mark_is_set_at_the_next_start_if_this_one_is_killed(
    machine: Machine, settings: Settings
) -> None:
    with machine.running():
        pass
    (settings.data_dir / "redis" / "cut.unrecorded").touch()
    with machine.running() as journal:
        assert journal.truncation.is_set()
