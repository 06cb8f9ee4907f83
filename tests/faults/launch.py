"""Starts a process of the product that harms itself at a point of its own, or is a mutant.

python -m tests.faults.launch writer --at before_commit --after 3
python -m tests.faults.launch web --mutant answer_early
"""

import argparse
import functools
import importlib
import mmap
import os
import signal
from collections.abc import Callable
from typing import Any, Final, NamedTuple


class Point(NamedTuple):
    """A call that the process is stopped before or after."""

    module: str
    owner: str
    method: str
    before: bool


POINTS: Final = {
    "before_commit": Point("services.store.recorder", "Recorder", "commit", before=True),
    "before_rows": Point("services.store.recorder", "Recorder", "_store", before=True),
    "in_commit": Point("services.store.recorder", "Recorder", "_write_checkpoint", before=False),
    "after_commit": Point("services.store.recorder", "Recorder", "commit", before=False),
    "before_trim": Point("services.broker.journal", "Journal", "acknowledge", before=True),
    "after_trim": Point("services.broker.journal", "Journal", "acknowledge", before=False),
    "before_adopt": Point("services.broker.journal", "Journal", "append_external", before=True),
    "after_adopt": Point("services.broker.journal", "Journal", "append_external", before=False),
    "before_append": Point("services.broker.journal", "Journal", "publish_many", before=True),
    "after_append": Point("services.broker.journal", "Journal", "publish_many", before=False),
}


def main() -> None:
    """Run the process that the command line names. Does not return."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=["writer", "web", "jobs", "producer"])
    parser.add_argument("--at", choices=POINTS, help="the failpoint")
    parser.add_argument("--after", type=int, default=1, help="the call that does it, from 1")
    parser.add_argument("--freeze", action="store_true", help="stop there instead of dying")
    parser.add_argument("--mutant", help="a function of `mutants`")
    parser.add_argument("--note", required=True, help="the file to note it in before")
    options = parser.parse_args()
    # Shared by all workers of a web service: only one of them is harmed.
    struck = mmap.mmap(-1, 1)

    def harm() -> None:
        if options.mutant:
            importlib.import_module("tests.faults.mutants").ALL[options.mutant]()
        if options.at:
            number = signal.SIGSTOP if options.freeze else signal.SIGKILL
            _arm(options, number, struck)

    if options.name == "web":
        _harm_workers(harm)
    else:
        harm()
    importlib.import_module(f"services.{options.name}.main").main()


def _harm_workers(harm: Callable[[], None]) -> None:
    """Do it when a worker loads the application: only then has gevent patched the sockets."""
    server = importlib.import_module("services.web.main")._Server
    load = server.load

    def load_harmed(self: Any) -> Any:
        harm()
        return load(self)

    server.load = load_harmed


def _arm(options: argparse.Namespace, number: signal.Signals, struck: mmap.mmap) -> None:
    point = POINTS[options.at]
    owner = getattr(importlib.import_module(point.module), point.owner)
    method = getattr(owner, point.method)
    calls = 0

    def strike() -> None:
        nonlocal calls
        calls += 1
        if calls == options.after and not struck[0]:
            struck[0] = 1
            descriptor = os.open(options.note, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            os.write(descriptor, f"{options.at}\n".encode())
            os.close(descriptor)
            os.kill(os.getpid(), number)

    @functools.wraps(method)
    def harmed(*arguments: Any, **named: Any) -> Any:
        if point.before:
            strike()
        answer = method(*arguments, **named)
        if not point.before:
            strike()
        return answer

    setattr(owner, point.method, harmed)


if __name__ == "__main__":
    main()
