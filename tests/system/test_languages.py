"""The programs in docs/messages.md: what stands there is what runs here."""

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
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis

DOCUMENT = ROOT / "docs" / "messages.md"


def programs(language: str) -> list[str]:
    """The two programs in a language: the one that listens and the one that publishes."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert len(found) == 2, language
    return found


class Language:
    """A language whose programs can be run here."""

    def __init__(self, command: list[str], suffix: str, folder: Path) -> None:
        self._command = command
        self._suffix = suffix
        self._folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def start(self, program: str, port: int) -> "subprocess.Popen[str]":
        """Run a program, with the address of this Redis in the place of its own."""
        assert program.count("6379") == 1
        file = self._folder / f"program{len(self._started)}{self._suffix}"
        file.write_text(program.replace("6379", str(port)), encoding="utf-8")
        process = subprocess.Popen(
            [*self._command, str(file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def end(self) -> None:
        """Kill what is left; a shell has children."""
        for process in self._started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def python(folder: Path) -> Language:
    return Language([sys.executable], ".py", folder)


def node(folder: Path) -> Language:
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.prefix) / "bin"))
    if found is None:
        pytest.skip("needs Node on PATH")
    if not (ROOT / "node_modules" / "redis").exists():
        pytest.skip("needs Node's package redis: scripts/setup frontend")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return Language([found], ".mjs", folder)


def sh(folder: Path) -> Language:
    if shutil.which("redis-cli") is None:
        pytest.skip("needs redis-cli on PATH")
    return Language(["sh"], ".sh", folder)


LANGUAGES = {"python": python, "js": node, "sh": sh}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Language]:
    folder = tmp_path / "programs"
    folder.mkdir()
    made = LANGUAGES[request.param](folder)
    yield made
    made.end()


def test_the_programs_listen_and_publish(
    stack: Stack, language: Language, request: pytest.FixtureRequest
) -> None:
    listening, publishing = programs(request.node.callspec.params["language"])
    client = stack.redis.client
    stack.start("writer")
    wait_until("the writer adopts", lambda: client.exists("readings:lease"))
    wait_until("the writer listens", lambda: client.pubsub_numsub("readings")[0][1] == 1)
    listener = language.start(listening, stack.redis.port)
    wait_until("it listens", lambda: client.pubsub_numsub("readings:adopted")[0][1] == 1)
    lines: list[str] = []
    assert listener.stdout is not None
    reader = Thread(target=lines.extend, args=[listener.stdout], daemon=True)
    reader.start()

    # What has no id is skipped, whatever it is.
    client.publish("readings", "not json")
    assert language.start(publishing, stack.redis.port).wait(TIMEOUT_SECONDS) == 0
    wait_until("the reading is stored", lambda: stack.stored("kitchen") == [21.5])
    assert stack.rows("SELECT unit FROM series WHERE name = 'kitchen'") == [("°C",)]
    wait_until("it is heard", lambda: lines)
    ((ts,),) = stack.rows("SELECT ts FROM readings")
    assert_heard(lines[0], ts / 1e6)
    language.end()
    reader.join(TIMEOUT_SECONDS)
    assert len(lines) == 1


def assert_heard(line: str, ts: float) -> None:
    """The listener has printed the reading, or the whole message that it came in."""
    if line.startswith("{"):
        message = json.loads(line)
        assert message["readings"] == [{"series": "kitchen", "ts": ts, "value": 21.5, "unit": "°C"}]
    else:
        series, time, value = line.split()
        assert (series, float(time), float(value)) == ("kitchen", ts, 21.5)
