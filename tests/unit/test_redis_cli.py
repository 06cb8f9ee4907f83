"""redis-cli commands for servers of every kind of address."""

import pytest

from services.redis_cli import redis_cli


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("redis://127.0.0.1:6379/0", "redis-cli -p 6379 SUBSCRIBE readings"),
        ("redis://localhost", "redis-cli -p 6379 SUBSCRIBE readings"),
        ("redis://box:7000/2", "redis-cli -h box -p 7000 SUBSCRIBE readings"),
        ("redis://:pw@box", "redis-cli -h box -p 6379 --askpass SUBSCRIBE readings"),
        (
            "rediss://bob:pw@box:1",
            "redis-cli -h box -p 1 --tls --user bob --askpass SUBSCRIBE readings",
        ),
        ("unix:///run/my%20redis.sock", "redis-cli -s '/run/my redis.sock' SUBSCRIBE readings"),
        (
            "unix:///r.sock?db=1&username=bob&password=pw",
            "redis-cli -s /r.sock --user bob --askpass SUBSCRIBE readings",
        ),
    ],
)
def test_command_names_server_but_not_password(url: str, command: str) -> None:
    assert redis_cli(url, "SUBSCRIBE", "readings") == command


def test_arguments_are_quoted_for_shell() -> None:
    command = redis_cli("redis://localhost", "SUBSCRIBE", "my readings")
    assert command == "redis-cli -p 6379 SUBSCRIBE 'my readings'"
