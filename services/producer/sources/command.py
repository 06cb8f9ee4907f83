"""Commands whose output is a number, each on an interval.

The operator writes them; no shell reads them unless it is the command itself.
"""

import logging
import math
import os
import select
import signal
import subprocess
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Final

from services.concurrency import Shutdown
from services.errors import SourceError
from services.log import FaultLog
from services.producer.rule_parser import SourceRule, parse_source_rules, wrong
from services.producer.source_context import SourceContext
from services.reading import Reading

logger = logging.getLogger("producer")

_SETTING: Final = "STRIPCHART_COMMANDS"
_MOST_OUTPUT: Final = 4_096
_LOOK_SECONDS: Final = 0.05


def run(feed: SourceContext) -> None:
    """Put what each command prints, again and again. Each has a thread: a slow one delays none."""
    rules = parse_source_rules(_SETTING, feed.settings.commands)
    for rule in rules:
        if not rule.series:
            raise wrong(_SETTING, " ".join(rule.words), "=> and a series must follow the command")
    threads = [threading.Thread(target=partial(_repeat, feed, rule), daemon=True) for rule in rules]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _repeat(feed: SourceContext, rule: SourceRule) -> None:
    name = f"command for {rule.series}"
    fault = FaultLog(logger, f"{name} failed", f"{name} works again")
    for ts in feed.every(feed.settings.command_seconds):
        try:
            value = measure(rule.words, feed.settings.command_timeout, feed.stop)
        except (OSError, SourceError) as error:
            if not feed.stop.requested:
                fault.begin(error)
            continue
        fault.end()
        feed.put([Reading(rule.series, ts, value, rule.unit)])


def measure(command: list[str], timeout: float, stop: Shutdown) -> float:
    """The number that a command prints. Raises SourceError, OSError.

    timeout: seconds, after which the command and whatever it has started are killed.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            text = _output(process, timeout, stop)
        finally:
            # Also when it has ended well: what it left behind is no longer wanted.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        raise SourceError(f"it ended with status {process.returncode}")
    return _number(text)


def _output(process: "subprocess.Popen[bytes]", timeout: float, stop: Shutdown) -> bytes:
    """What a command prints until it has ended."""
    assert process.stdout is not None  # noqa: S101 (for the type checker: it is a pipe)
    end = time.monotonic() + timeout
    waiting, text, more = select.poll(), b"", True
    waiting.register(process.stdout, select.POLLIN)
    while more or process.poll() is None:
        if time.monotonic() > end or stop.requested:
            raise SourceError(f"it took longer than {timeout:g} s")
        if not more:
            stop.wait(_LOOK_SECONDS)
        elif waiting.poll(_LOOK_SECONDS * 1000):
            piece = os.read(process.stdout.fileno(), _MOST_OUTPUT)
            more = piece != b""
            text += piece
        if len(text) > _MOST_OUTPUT:
            raise SourceError(f"it printed more than {_MOST_OUTPUT} bytes")
    return text


def _number(text: bytes) -> float:
    try:
        value = float(text)
    except ValueError:
        raise SourceError(f"it printed {text.decode(errors='replace')!r:.60}, no number") from None
    if not math.isfinite(value):
        raise SourceError(f"it printed {value}")
    return value
