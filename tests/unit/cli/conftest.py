"""Runners for commands."""

import pytest
from click.testing import CliRunner


@pytest.fixture
def offline_runner() -> CliRunner:
    """A runner without Redis: nothing may be sent."""
    return CliRunner(env={"REDIS_URL": "redis://127.0.0.1:1/0", "REDIS_URL_FILE": None})
