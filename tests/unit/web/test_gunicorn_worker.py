"""The standard library as gevent has patched it, although all modules were imported before."""

import json
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

SCRIPT = """
import importlib, json, sys
import services.web.main
from services.web.gunicorn_worker import GunicornWorker

PATCHED = "os queue select selectors signal socket ssl subprocess _thread threading time".split()
modules = [importlib.import_module(name) for name in PATCHED]
before = {(module, name): value for module in modules for name, value in vars(module).items()}
worker = GunicornWorker.__new__(GunicornWorker)
worker.sockets = []
worker.patch()
originals = {
    id(value): value
    for (module, name), value in before.items()
    if callable(value) and getattr(module, name, value) is not value
}
skipped = {*sys.stdlib_module_names, "gevent", "__mp_main__", "__main__"}
captured = [
    f"{module}.{name}"
    for module, namespace in list(sys.modules.items())
    if module.partition(".")[0] not in skipped
    for name, value in list(vars(namespace).items())
    if id(value) in originals
]
json.dump({"replaced": len(originals), "captured": sorted(captured)}, sys.stdout)
"""

HARMLESS = {
    "click.globals.local",  # only for command lines
    "jinja2.utils.Lock",  # never held while something waits, like the next one of werkzeug
    "prometheus_client.metrics.Lock",  # of its own registry, which nothing uses
    "prometheus_client.registry.Lock",
    "prometheus_client.values.Lock",
    "redis.asyncio.connection.SSLContext",  # nothing uses redis.asyncio
    "redis.connection.LifoQueue",  # only for a pool that blocks; its locks are patched
    "redis.retry.sleep",  # nothing is retried
    "services.web.http.clients._poll",  # on purpose
    "services.web.http.give_way._sleep",  # on purpose: in a thread
    "sqlalchemy.dialects.sqlite.aiosqlite.Thread",  # nothing uses this dialect
    "werkzeug.routing.map.Lock",
    "wrapt.synchronization.Lock",  # nothing uses it
}
"""Names of unpatched functions and classes that never block the event loop."""


@pytest.mark.long
def test_no_module_holds_a_function_that_blocks_the_event_loop() -> None:
    # A warning is an error: an operator would see it at each start.
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(finished.stdout)
    assert found["replaced"] > 30
    assert set(found["captured"]) <= HARMLESS
