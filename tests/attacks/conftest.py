"""A running system that tests attack by requests of all kinds."""

from collections.abc import Iterator

import pytest

from tests.support.access import carry_out, new_token
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def guarded_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running writer and web service, with the token "admin". Tests do them no harm."""
    folder = tmp_path_factory.mktemp("guarded")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        stack.wait_for_channel_bridge()
        carry_out(stack, new_token("admin"))
        yield stack
