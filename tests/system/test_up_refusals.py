"""`stripchart up` refuses what it can't use, in one sentence."""

import fcntl
import re
import socket
from pathlib import Path

import pytest

from tests.support.up_process import Up, environment, needs_linux


@pytest.mark.long
def test_second_up_on_the_same_folder_is_an_error(tmp_path: Path) -> None:
    with (tmp_path / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with Up(environment(tmp_path)) as up:
            assert up.wait_for_exit() == 1
    assert len(up.lines) == 1
    assert f"another `stripchart up` runs on {tmp_path}" in up.lines[0]


def test_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Up(environment(tmp_path, PORT=str(port))) as up:
            assert up.wait_for_exit() == 2
    assert up.lines == [f"stripchart: port {port} is in use (set PORT to another port)"]


@pytest.mark.long
def test_unavailable_redis_is_one_sentence(tmp_path: Path) -> None:
    with Up(environment(tmp_path, REDIS_URL="redis://:hunter2@127.0.0.1:1/0")) as up:
        assert up.wait_for_exit() == 1
    assert len(up.lines) == 1
    assert up.lines[0].startswith("stripchart: Redis can't be used: ")
    assert "hunter2" not in up.lines[0]


@pytest.mark.long
def test_open_network_must_be_allowed(tmp_path: Path) -> None:
    with Up(environment(tmp_path, HOST="0.0.0.0")) as up:
        assert up.wait_for_exit() == 2
        (line,) = up.lines
        assert line.startswith("stripchart: HOST=0.0.0.0 opens the page to everybody")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("weather", "there is no source 'weather'"),
        pytest.param("stdin", "no standard input", marks=pytest.mark.long),
    ],
)
def test_invalid_source_is_one_sentence(tmp_path: Path, source: str, sentence: str) -> None:
    with Up(environment(tmp_path), "-m", "services.cli", "up", "--source", source) as up:
        assert up.wait_for_exit() == 2
    assert len(up.lines) == 1
    assert sentence in up.lines[0]


@needs_linux
@pytest.mark.long
@pytest.mark.usefixtures("one_up_at_a_time")
def test_invalid_setting_of_one_process_ends_all(tmp_path: Path) -> None:
    with Up(environment(tmp_path, DATABASE_URL="postgresql://box/x")) as up:
        assert up.wait_for_exit() == 2
    assert re.match(
        r"stripchart: (web|writer|jobs): DATABASE_URL=.* is no SQLite database", up.lines[-1]
    )
