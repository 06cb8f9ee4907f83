"""The source `command`: numbers that commands print, each command in a fixed interval.

Commands run without a shell, unless the command itself is a shell.
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
from services.producer.rule_parser import SourceRule, parse_source_rules, rule_error
from services.producer.source_context import SourceContext
from services.reading import Reading

logger = logging.getLogger("producer")

_SETTING: Final = "STRIPCHART_COMMANDS"
_MAX_OUTPUT_BYTES: Final = 4_096
_POLL_SECONDS: Final = 0.05


def run(feed: SourceContext) -> None:
    """Publish the number that each command prints, in the interval of the settings.

    Each command has its own thread, so that a slow command does not delay the others.

    Raises:
        SettingError: There is no rule, or a rule is invalid.
    """
    rules = parse_source_rules(_SETTING, feed.settings.commands)
    for rule in rules:
        if not rule.series:
            line = " ".join(rule.words)
            raise rule_error(_SETTING, line, "=> and a series must follow the command")
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
            value = run_command(rule.words, feed.settings.command_timeout, feed.stop)
        except (OSError, SourceError) as error:
            if not feed.stop.requested:
                fault.begin(error)
            continue
        fault.end()
        feed.put([Reading(rule.series, ts, value, rule.unit)])


def run_command(command: list[str], timeout_seconds: float, shutdown: Shutdown) -> float:
    """Run a command and return the number that it prints.

    Args:
        command: The program and its arguments.
        timeout_seconds: Time after which the command and its child processes are killed.
        shutdown: Kills them earlier.

    Raises:
        SourceError: The command failed, took too long, or printed no finite number.
        OSError: The command can't be started.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            output = _read_output(process, timeout_seconds, shutdown)
        finally:
            # Also after a normal end: the command may have left child processes.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        raise SourceError(f"exit status {process.returncode}")
    return _parse_number(output)


def _read_output(
    process: "subprocess.Popen[bytes]", timeout_seconds: float, shutdown: Shutdown
) -> bytes:
    """Return the output of a command, once the command has ended."""
    assert process.stdout is not None  # noqa: S101 (for the type checker: it is a pipe)
    deadline = time.monotonic() + timeout_seconds
    poll, output, open_ = select.poll(), b"", True
    poll.register(process.stdout, select.POLLIN)
    while open_ or process.poll() is None:
        if time.monotonic() > deadline or shutdown.requested:
            raise SourceError(f"no result after {timeout_seconds:g} s")
        if not open_:
            shutdown.wait(_POLL_SECONDS)
        elif poll.poll(_POLL_SECONDS * 1000):
            chunk = os.read(process.stdout.fileno(), _MAX_OUTPUT_BYTES)
            open_ = chunk != b""
            output += chunk
        if len(output) > _MAX_OUTPUT_BYTES:
            raise SourceError(f"output longer than {_MAX_OUTPUT_BYTES} bytes")
    return output


def _parse_number(output: bytes) -> float:
    try:
        value = float(output)
    except ValueError:
        text = output.decode(errors="replace")
        raise SourceError(f"output {text!r:.60} is not a number") from None
    if not math.isfinite(value):
        raise SourceError(f"output {value} is not a finite number")
    return value
