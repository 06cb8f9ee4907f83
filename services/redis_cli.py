"""redis-cli commands to show to people."""

import shlex
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_PORT: Final = 6379


def redis_cli(url: str, *arguments: str) -> str:
    """Return the redis-cli command for a Redis server, quoted for a shell, without its password.

    Args:
        url: Address of the server: redis://, rediss:// or unix://.
        *arguments: Arguments after the connection options.
    """
    parts = urlsplit(url)
    words = ["redis-cli"]
    if parts.scheme == "unix":
        words += ["-s", unquote(parts.path)]
    else:
        if parts.hostname not in (None, *_LOOPBACK):
            words += ["-h", str(parts.hostname)]
        words += ["-p", str(parts.port or _PORT)]
        if parts.scheme == "rediss":
            words.append("--tls")
    options = parse_qs(parts.query)
    username = unquote(parts.username or "") or options.get("username", [""])[0]
    if username:
        words += ["--user", username]
    if parts.password or "password" in options:
        words.append("--askpass")
    return shlex.join([*words, *arguments])
