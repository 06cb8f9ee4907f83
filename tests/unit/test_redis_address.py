"""The address of Redis: where commands find it, and how they show it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.main import main
from services.errors import SettingError
from services.filelock import FileLock
from services.redis_address import UP_LOCK_NAME, saved, settings_with_redis, without_password
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.waiting import TIMEOUT_SECONDS

SAVED_URL = "redis://127.0.0.1:40123/0"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("REDIS_URL_FILE", raising=False)
    return tmp_path


@pytest.fixture
def running_up(data_dir: Path) -> Iterator[FileLock]:
    """The lock of a `stripchart up` that runs."""
    lock = FileLock(data_dir / UP_LOCK_NAME)
    assert lock.acquire()
    yield lock
    lock.release()


@pytest.mark.usefixtures("running_up")
def test_saved_address_is_used_while_up_runs(data_dir: Path) -> None:
    with saved(data_dir, SAVED_URL):
        assert settings_with_redis().redis_url == SAVED_URL
    assert settings_with_redis().redis_url == "redis://127.0.0.1:6379/0"
    assert not (data_dir / "redis.url").exists()


def test_address_of_a_killed_up_is_an_error(data_dir: Path, running_up: FileLock) -> None:
    with saved(data_dir, SAVED_URL):
        running_up.release()
        with pytest.raises(SettingError, match=r"`stripchart up` does not run: .*set REDIS_URL"):
            settings_with_redis()


@pytest.mark.long
@pytest.mark.parametrize("name", ["producer", "writer", "web", "jobs"])
def test_every_process_uses_the_saved_address(name: str, data_dir: Path) -> None:
    """Only a process that reads the saved address can say that it was left behind."""
    with saved(data_dir, SAVED_URL):
        process = subprocess.run(
            [sys.executable, "-m", f"services.{name}"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(free_port())},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    assert process.returncode == 2
    assert process.stderr == ""
    assert process.stdout.count("\n") == 1
    assert f" ERROR {name}: `stripchart up` does not run: " in process.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["send", "kitchen", "1"],
        ["tail", "--count", "1"],
        ["import", __file__],
        ["backup", "--queue"],
    ],
)
def test_every_command_uses_the_saved_address(arguments: list[str], data_dir: Path) -> None:
    with saved(data_dir, SAVED_URL):
        answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 2
    assert answer.output.startswith("stripchart: `stripchart up` does not run: ")
    assert answer.output.count("\n") == 1


@pytest.mark.usefixtures("running_up")
def test_settings_show_the_saved_address(data_dir: Path) -> None:
    with saved(data_dir, "redis://stripchart:secret@127.0.0.1:40123/0"):
        answer = CliRunner().invoke(main, ["settings"])
    assert "REDIS_URL=redis://stripchart:***@127.0.0.1:40123/0\n" in answer.output


def test_settings_and_doctor_work_beside_the_address_of_a_killed_up(data_dir: Path) -> None:
    with saved(data_dir, SAVED_URL):
        assert (
            "REDIS_URL=redis://127.0.0.1:6379/0\n" in CliRunner().invoke(main, ["settings"]).output
        )
        answer = CliRunner().invoke(main, ["doctor"], env={"PORT": str(free_port())})
    assert answer.exit_code == 1
    assert answer.output.startswith("wrong  settings  `stripchart up` does not run: ")


@pytest.mark.parametrize("left_behind", [False, True])
def test_only_our_own_user_can_read_the_saved_address(data_dir: Path, left_behind: bool) -> None:
    if left_behind:
        (data_dir / "redis.url").write_text("")
        (data_dir / "redis.url.new").write_text("")
    previous = os.umask(0)
    try:
        with saved(data_dir, SAVED_URL):
            assert (data_dir / "redis.url").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(previous)


def test_saved_address_of_another_user_is_an_error(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_options: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    # The tests may run as root, who can read every file.
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(SettingError, match=r"redis\.url'.*the user who runs `stripchart up`"):
        settings_with_redis()
    assert data_dir.is_dir()


def test_setting_overrides_the_saved_address(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with saved(data_dir, SAVED_URL):
        monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
        assert settings_with_redis().redis_url == "redis://127.0.0.1:6379/0"
        monkeypatch.delenv("REDIS_URL")
        (data_dir / "secret").write_text("redis://:pw@elsewhere/0\n")
        monkeypatch.setenv("REDIS_URL_FILE", str(data_dir / "secret"))
        assert settings_with_redis().redis_url == "redis://:pw@elsewhere/0"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:hunter2@h:1/0", "redis://:***@h:1/0"),
        ("redis://bob:hunter2@h/0", "redis://bob:***@h/0"),
        ("redis://bob:hunt/er2@h/0", "redis://bob:***@h/0"),
        ("redis://bob:hunt@er2@h/0", "redis://bob:***@h/0"),
        ("redis://h/0?password=hunter2&db=1", "redis://h/0?password=***&db=1"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("postgresql+psycopg://bob:hunter2@h/x", "postgresql+psycopg://bob:***@h/x"),
        ("sqlite:////data/a:b@c.db", "sqlite:////data/a:b@c.db"),
        ("localhost,chart.example", "localhost,chart.example"),
    ],
)
def test_password_is_hidden(url: str, shown: str) -> None:
    assert without_password(url) == shown
