"""The programs in docs/messages.md: they run as they are printed there."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from tests.support.paths import ROOT
from tests.support.programs import require_program
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis

DOCUMENT = ROOT / "docs" / "messages.md"


def programs(language: str) -> list[str]:
    """Return the two programs in a language: the listener and the publisher."""
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    # Commands, which other tests run, don't name the port.
    blocks = [block for block in blocks if "6379" in block]
    assert len(blocks) == 2, language
    return blocks


class Interpreter:
    """Runs programs in one language."""

    def __init__(self, command: list[str], suffix: str, folder: Path) -> None:
        self._command = command
        self._suffix = suffix
        self._folder = folder
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, program: str, port: int) -> "subprocess.Popen[str]":
        """Run a program with another port of Redis."""
        assert program.count("6379") == 1
        file = self._folder / f"program{len(self._processes)}{self._suffix}"
        file.write_text(program.replace("6379", str(port)), encoding="utf-8")
        process = subprocess.Popen(
            [*self._command, str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def kill(self) -> None:
        """Kill all programs with their children."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def python(folder: Path) -> Interpreter:
    return Interpreter([sys.executable], ".py", folder)


def node(folder: Path) -> Interpreter:
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return Interpreter([require_program("node")], ".mjs", folder)


def sh(folder: Path) -> Interpreter:
    if shutil.which("redis-cli") is None:
        pytest.skip("needs redis-cli on PATH")
    return Interpreter(["sh"], ".sh", folder)


LANGUAGES = {"python": python, "js": node, "sh": sh}


@pytest.fixture
def interpreter(language: str, tmp_path: Path) -> Iterator[Interpreter]:
    interpreter = LANGUAGES[language](tmp_path)
    yield interpreter
    interpreter.kill()


@pytest.mark.parametrize("language", ["python", pytest.param("js", marks=pytest.mark.node), "sh"])
def test_documented_programs_listen_and_publish(
    shared_stack: Stack, interpreter: Interpreter, language: str
) -> None:
    stack = shared_stack
    client, stored = stack.redis.client, len(stack.stored("kitchen"))
    listening, publishing = programs(language)

    def subscribers() -> int:
        ((_, count),) = client.pubsub_numsub("readings:adopted")
        return int(count)

    before = subscribers()
    listener = interpreter.start(listening, stack.redis.port)
    wait_until("the listener has subscribed", lambda: subscribers() > before)
    lines: list[str] = []
    assert listener.stdout is not None
    reader = Thread(target=lines.extend, args=[listener.stdout], daemon=True)
    reader.start()

    # The listener skips every message without an id.
    client.publish("readings", "not json")
    publisher = interpreter.start(publishing, stack.redis.port)
    assert publisher.wait(TIMEOUT_SECONDS) == 0
    wait_until("the reading is stored", lambda: stack.stored("kitchen")[stored:] == [21.5])
    assert stack.rows("SELECT unit FROM series WHERE name = 'kitchen'") == [("°C",)]
    wait_until("the listener has printed it", lambda: lines)
    ((ts,),) = stack.rows(
        "SELECT max(ts) FROM readings JOIN series ON id = series_id WHERE name = 'kitchen'"
    )
    assert_printed(lines[0], ts / 1e6)
    interpreter.kill()
    reader.join(TIMEOUT_SECONDS)
    assert len(lines) == 1


def assert_printed(line: str, ts: float) -> None:
    """Check that the line has the reading, alone or in its message."""
    if line.startswith("{"):
        message = json.loads(line)
        assert message["readings"] == [{"series": "kitchen", "ts": ts, "value": 21.5, "unit": "°C"}]
    else:
        series, time, value = line.split()
        assert (series, float(time), float(value)) == ("kitchen", ts, 21.5)
