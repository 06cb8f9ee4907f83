"""A whole Stripchart of real processes, for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.redis_server import RedisServer
from tests.support.stack import Stack


@pytest.fixture
def stack(tmp_path: Path, redis_server: RedisServer) -> Iterator[Stack]:
    """The processes of one test; all are killed at its end."""
    with Stack(tmp_path, redis_server) as stack:
        yield stack
