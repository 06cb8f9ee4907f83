"""The append-only file of Redis with a damaged end, on real servers."""

import errno
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.broker import Broker, Journal
from services.cli.supervise.append_only_file import UNRECORDED_CUT, CutFile, cut_damaged_end
from services.errors import StripchartError
from services.settings import Settings
from tests.support.journals import message, times
from tests.support.ports import free_port
from tests.support.redis_programs import REDIS_PROGRAMS
from tests.support.redis_server import RedisServer
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

ZEROS = bytes(4096)
TORN_TRANSACTION = b"*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1\r\n1\r\n"
TORN_COMMAND = b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$900\r\nabc"
HOLE = ZEROS + b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1\r\n1\r\n"
GARBAGE = bytes(range(256)) * 3


@pytest.fixture(params=REDIS_PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    """A server with a file for each rewrite, or an older one with a single file."""
    found: Callable[[], str] = request.param
    return found()


class Server:
    """A server whose journal has acknowledged readings."""

    def __init__(self, program: str, data: Path, settings: Settings) -> None:
        self.program = program
        self.data = data
        port = free_port()
        self._command = [
            program, "--port", str(port), "--dir", str(data), "--save", "", "--appendonly", "yes",
            "--appendfsync", "always", "--loglevel", "warning",
        ]  # fmt: skip
        self.redis = RedisServer(self._command, port, data)
        self._settings = replace(settings, redis_url=self.redis.url)

    @contextmanager
    def running(self) -> Iterator[Journal]:
        """Yield the journal while the server runs. It is killed at the end."""
        with self.redis, closing(Broker.connect(self._settings)) as broker:
            yield Journal(broker)

    @property
    def newest_file(self) -> Path:
        return max(self.data.rglob("*.aof"), key=lambda path: path.stat().st_mtime_ns)

    def refusal(self) -> str:
        """Return the log of a start that the server refuses."""
        result = subprocess.run(
            self._command, check=False, capture_output=True, timeout=TIMEOUT_SECONDS
        )
        assert result.returncode
        return result.stdout.decode(errors="replace")

    def cut(self) -> CutFile | None:
        return cut_damaged_end(self.program, self.data)


@pytest.fixture
def server(program: str, tmp_path: Path, settings: Settings) -> Server:
    data = tmp_path / 'my "own" redis'
    data.mkdir()
    server = Server(program, data, settings)
    with server.running() as journal:
        journal.publish([message(second) for second in range(3)])
        journal.publish([message(3)])
    return server


@pytest.mark.parametrize(
    ("damage", "torn"),
    [(ZEROS, b""), (GARBAGE, b""), (HOLE, b""), (ZEROS, TORN_TRANSACTION), (ZEROS, TORN_COMMAND)],
    ids=["zeros", "garbage", "hole", "zeros after a torn transaction", "zeros in a torn command"],
)
def test_damaged_end_is_cut_and_all_acknowledged_readings_are_back(
    server: Server, damage: bytes, torn: bytes
) -> None:
    path, sound = server.newest_file, server.newest_file.read_bytes()
    path.write_bytes(sound + torn + damage)
    assert "reading the append only file" in server.refusal()
    cut = server.cut()
    assert cut is not None
    assert (cut.path, cut.cut_bytes) == (path, len(torn + damage))
    assert path.read_bytes() == sound
    assert cut.copy.read_bytes() == sound + torn + damage
    assert cut.copy.stat().st_mode & 0o777 == 0o600
    assert (server.data / UNRECORDED_CUT).exists()
    with server.running() as journal:
        assert times(journal) == [0, 1, 2, 3]


def test_file_after_a_rewrite_is_cut(server: Server) -> None:
    with server.running() as journal:
        client = server.redis.client
        client.bgrewriteaof()
        wait_until(
            "the file is rewritten",
            lambda: client.info("persistence")["aof_last_rewrite_time_sec"] >= 0,
        )
        journal.publish([message(4)])
    path, sound = server.newest_file, server.newest_file.read_bytes()
    path.write_bytes(sound + ZEROS)
    assert server.cut() is not None
    assert path.read_bytes() == sound
    with server.running() as journal:
        assert times(journal) == [0, 1, 2, 3, 4]


def test_sound_file_is_not_touched(server: Server) -> None:
    before = {path: path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
    assert server.cut() is None
    assert {path: path.read_bytes() for path in server.data.rglob("*") if path.is_file()} == before


def test_base_or_whole_file_that_is_damaged_is_not_touched(server: Server) -> None:
    (path, *_) = [*server.data.rglob("*.base.rdb"), server.newest_file]
    path.write_bytes(b"\0" * 4096)
    server.refusal()
    assert server.cut() is None
    assert path.read_bytes() == b"\0" * 4096


def test_file_is_not_cut_if_it_can_not_be_copied(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, damaged = server.newest_file, server.newest_file.read_bytes() + ZEROS
    path.write_bytes(damaged)

    def fill_disk(_source: Path, target: Path) -> None:
        target.write_bytes(b"part")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", fill_disk)
    with pytest.raises(StripchartError, match=r"No space left on device .*make room"):
        server.cut()
    assert path.read_bytes() == damaged
    assert not list(server.data.rglob("*.aside-*"))
    assert not (server.data / UNRECORDED_CUT).exists()
