"""Fixtures and hooks of all tests: Hypothesis profiles, skips, a real Redis server, settings."""

import gc
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from werkzeug.routing import Rule

from services.settings import Settings
from tests.support.programs import MARKERS, is_required, missing
from tests.support.redis_server import RedisServer
from tests.support.scheduling import Scheduling, order
from tests.support.up_lock import up_lock

# How long an example takes says more about the machine than about the code. The quick examples are
# the same in every run; `make test-all` uses the thorough profile, which draws new ones.
for _profile, _examples in (("quick", 12), ("thorough", 200)):
    hypothesis_settings.register_profile(
        _profile,
        max_examples=_examples,
        derandomize=_profile == "quick",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
hypothesis_settings.load_profile("quick")

_REDIS_FIXTURES = {"redis_server", "shared_redis", "shared_server", "shared_stack"}
"""Fixtures that start a real Redis."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Distribute the tests in our way if `--dist loadfile` is chosen."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests.

    Raises:
        pytest.UsageError: A test needs Redis but is not marked, so that it would fail without one.
    """
    for item in items:
        needed = _REDIS_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if needed and item.get_closest_marker("redis") is None:
            raise pytest.UsageError(f"mark {item.nodeid} with redis: it uses {', '.join(needed)}")
    order(items)


def pytest_collection_finish() -> None:
    """Let the garbage collector skip what pytest and the imports made: it all stays."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is not installed, or fail it if TEST_DEMAND names its marker."""
    for marker in MARKERS:
        if item.get_closest_marker(marker):
            reason = missing(marker)
            if reason is not None and is_required(marker):
                pytest.fail(reason)
            if reason is not None:
                pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def compiled_routes() -> Iterator[None]:
    """Compile each route only once for the applications of all tests.

    It takes most of the time in which an application is made.
    """
    compile_route = Rule.compile
    known: dict[object, Rule] = {}

    def compile_once(rule: Rule) -> None:
        defaults = sorted((rule.defaults or {}).items())
        key = (rule.rule, rule.subdomain, rule.host, str(defaults))
        if key not in known:
            compile_route(rule)
            known[key] = rule
            return
        compiled = known[key]
        for name in ("_parts", "_trace", "_converters", "arguments"):
            setattr(rule, name, getattr(compiled, name))
        for name in ("_build", "_build_unknown"):
            setattr(rule, name, getattr(compiled, name).__func__.__get__(rule))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", compile_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_scrypt() -> Iterator[None]:
    """Hash passwords with less work in this process: the real work takes a third of a second."""
    scrypt = hashlib.scrypt

    def quick(password: bytes, *, n: int, **more: Any) -> bytes:
        return scrypt(password, n=min(n, 512), **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashlib, "scrypt", quick)
        yield


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis server for one test, with its append-only file on."""
    with RedisServer.in_folder(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def one_up_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run one `stripchart up` with a Redis at a time: two would both find port 6379 free."""
    with up_lock(tmp_path_factory):
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder for one test."""
    return Settings.from_environ({"DATA_DIR": str(tmp_path / "data")})


@pytest.fixture(autouse=True)
def restored_garbage_collector() -> Iterator[None]:
    """Undo what a process tunes for itself: a test that runs one would change later tests."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
