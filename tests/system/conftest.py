"""Stacks of real processes: one for each test, and a running one that tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.system.writer_scenario import WriterScenario


@pytest.fixture
def stack(tmp_path: Path, redis_server: RedisServer) -> Iterator[Stack]:
    """The processes of one test; all are killed at its end."""
    with Stack(tmp_path, redis_server) as stack:
        yield stack


@pytest.fixture(scope="session")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running Redis, writer and web service, for tests that do them no harm.

    A test uses series with names of its own, and ends the processes that it starts.
    """
    folder = tmp_path_factory.mktemp("shared")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        stack.wait_for_channel_bridge()
        yield stack


@pytest.fixture
def running_stack(stack: Stack) -> Stack:
    """A writer that bridges external messages and a web service that answers, for one test."""
    stack.start("writer")
    stack.start("web")
    stack.wait_for_channel_bridge()
    return stack


@pytest.fixture
def scenario(stack: Stack) -> Iterator[WriterScenario]:
    """A running writer with fifty stored readings."""
    scenario = WriterScenario(stack)
    scenario.publish(10, times=5)
    scenario.wait_until_stored()
    yield scenario
    scenario.close()
