"""Starts a service that kills or stops itself at a failpoint, or with a mutation in it.

python -m tests.faults.failpoints writer --at before_commit --on-call 3 --hits hits.txt
python -m tests.faults.failpoints web --mutant early_acknowledgement --hits hits.txt
"""

import argparse
import functools
import importlib
import mmap
import os
import signal
from collections.abc import Callable
from typing import Any, Final, NamedTuple


class Failpoint(NamedTuple):
    """A method whose call triggers the fault, before or after it has run."""

    module: str
    owner: str
    method: str
    before: bool


_RECORDER: Final = ("services.store.recorder", "Recorder")
_JOURNAL: Final = ("services.broker.journal", "Journal")

FAILPOINTS: Final = {
    "before_commit": Failpoint(*_RECORDER, "commit", before=True),
    "before_rows": Failpoint(*_RECORDER, "_store", before=True),
    "in_commit": Failpoint(*_RECORDER, "_write_checkpoint", before=False),
    "after_commit": Failpoint(*_RECORDER, "commit", before=False),
    "before_trim": Failpoint(*_JOURNAL, "acknowledge", before=True),
    "after_trim": Failpoint(*_JOURNAL, "acknowledge", before=False),
    "before_bridge": Failpoint(*_JOURNAL, "append_external", before=True),
    "after_bridge": Failpoint(*_JOURNAL, "append_external", before=False),
    "before_append": Failpoint(*_JOURNAL, "publish_many", before=True),
    "after_append": Failpoint(*_JOURNAL, "publish_many", before=False),
}


def main() -> None:
    """Run the service that the command line names. Does not return."""
    options = _parser().parse_args()
    # Shared by all workers of a web service, so that only one of them is hit.
    hit = mmap.mmap(-1, 1)

    def inject() -> None:
        if options.mutant:
            importlib.import_module("tests.faults.mutants").MUTANTS[options.mutant]()
        if options.at:
            number = signal.SIGSTOP if options.freeze else signal.SIGKILL
            _arm(options, number, hit)

    if options.name == "web":
        _inject_into_workers(inject)
    else:
        inject()
    importlib.import_module(f"services.{options.name}.main").main()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("name", choices=["writer", "web", "jobs", "producer"])
    parser.add_argument("--at", choices=FAILPOINTS, help="the failpoint")
    parser.add_argument("--on-call", type=int, default=1, help="trigger on this call, from 1")
    parser.add_argument("--freeze", action="store_true", help="stop the process, don't kill it")
    parser.add_argument("--mutant", help="a function of tests.faults.mutants")
    parser.add_argument("--hits", required=True, help="the file that lists the failpoints hit")
    return parser


def _inject_into_workers(inject: Callable[[], None]) -> None:
    """Inject when a worker loads the application: only then has gevent patched the sockets."""
    server = importlib.import_module("services.web.main")._Server
    load = server.load

    def load_with_fault(self: Any) -> Any:
        inject()
        return load(self)

    server.load = load_with_fault


def _arm(options: argparse.Namespace, number: signal.Signals, hit: mmap.mmap) -> None:
    point = FAILPOINTS[options.at]
    owner = getattr(importlib.import_module(point.module), point.owner)
    method = getattr(owner, point.method)
    calls = 0

    def trigger() -> None:
        nonlocal calls
        calls += 1
        if calls == options.on_call and not hit[0]:
            hit[0] = 1
            descriptor = os.open(options.hits, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            os.write(descriptor, f"{options.at}\n".encode())
            os.close(descriptor)
            os.kill(os.getpid(), number)

    @functools.wraps(method)
    def with_failpoint(*arguments: Any, **named: Any) -> Any:
        if point.before:
            trigger()
        result = method(*arguments, **named)
        if not point.before:
            trigger()
        return result

    setattr(owner, point.method, with_failpoint)


if __name__ == "__main__":
    main()
