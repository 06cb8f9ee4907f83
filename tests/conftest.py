"""What all tests share: which programs are there, a real Redis server, and settings."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from services.settings import Settings
from tests.support.servers import RedisServer

# How long an example takes says more about the machine than about the code. The quick ones are the
# same in every run; `make test-all` asks for the thorough ones, which look for what nobody knows.
for _profile, _examples in (("quick", 40), ("thorough", 200)):
    hypothesis_settings.register_profile(
        _profile,
        max_examples=_examples,
        derandomize=_profile == "quick",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
hypothesis_settings.load_profile("quick")

_NEEDS = {
    "redis": ("redis-server", "valkey-server"),
    "browser": ("chromium", "chromium-browser", "google-chrome"),
    "mqtt": ("mosquitto",),
    "docker": ("docker",),
}


def program(marker: str) -> str | None:
    """The program that tests with this marker need, or None when it is not there."""
    return next(filter(None, map(shutil.which, _NEEDS[marker])), None)


def _missing(marker: str) -> str | None:
    found = program(marker)
    if found is None:
        return f"needs {' or '.join(_NEEDS[marker])} on PATH"
    if marker == "docker" and _fails([found, "info"]):
        return "needs a running Docker engine"
    return None


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def demanded(marker: str) -> bool:
    """Whether tests with this marker are to fail, not to skip, where something is missing."""
    return marker in os.environ.get("TEST_DEMAND", "").split(",")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a program that is not there, or fail where TEST_DEMAND names its marker."""
    for marker in _NEEDS:
        if item.get_closest_marker(marker):
            missing = _missing(marker)
            if missing is not None and demanded(marker):
                pytest.fail(missing)
            if missing is not None:
                pytest.skip(missing)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis server of this test's own, with its append-only file on."""
    found = program("redis")
    assert found is not None, "mark the test with pytest.mark.redis"
    server = RedisServer(found, tmp_path / "redis")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of this test's own."""
    return Settings.from_environ({"DATA_DIR": str(tmp_path / "data")})
