"""Commands of README and docs, run as they are printed beside a running Stripchart."""

import gzip
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.documented_commands import DOCUMENTS, STREAMS, Block, blocks
from tests.support.paths import ROOT
from tests.support.programs import find_program, is_required
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

_TIMEOUT_SECONDS: Final = 60
_PASSWORD: Final = "operator"  # noqa: S105 (of a server for tests)
_STRIPCHART: Final = f"""
case "$1 $2" in
  "user add" | "user password") printf 'correct horse battery\\n%.0s' 1 2 ;;
  "views delete") echo y ;;
  *) cat ;;
esac | exec {sys.executable} -m services.cli "$@"
"""
"""The command line, with somebody who types what it asks for."""

_HOME: Final = """
curl -X PUT http://127.0.0.1:5000/api/views/home -d '{"title": "Home", "panels": []}'
"""

RUNNABLE: Final = {
    path: [block for block in blocks(path) if block.can_run]
    for path in DOCUMENTS
    if any(block.can_run for block in blocks(path))
}


class Machine:
    """A machine on which Stripchart runs at the documented addresses, as the documents assume.

    Ports differ from the documented ones, and curl ends with an error if the server answers with
    one.
    """

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._folder = folder
        self._stack = stack
        programs = folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        self._write(programs / "stripchart", _STRIPCHART)
        # The name of the documents leads to our server too.
        options = f"--fail-with-body -sS --connect-to charts.example:80:127.0.0.1:{stack.port}"
        self._write(programs / "curl", f'exec {_path("curl")} {options} "$@"')
        redis_cli = _path("redis-cli")
        self._write(programs / "redis-cli", f'exec {redis_cli} -p {stack.redis.port} "$@"')
        (folder / "data").symlink_to(stack.database.parent)
        # What `stripchart up` leaves there, and the operator of a Redis that has users.
        (folder / "data" / "redis.url").write_text(stack.redis.url)
        (folder / "users" / "redis").mkdir(parents=True)
        (folder / "users" / "redis" / "password").write_text(_PASSWORD)
        rules = ["on", f">{_PASSWORD}", "~*", "&*", "+@all"]
        stack.redis.client.execute_command("ACL", "SETUSER", "stripchart", *rules)
        with gzip.open(folder / "readings.csv.gz", "wt") as file:
            file.write("time,cellar\n2026-01-01T00:00:00Z,12.5\n")
        self._environ = os.environ | stack.environment | {"PYTHONPATH": str(ROOT)}
        self._environ["PATH"] = f"{programs}:{os.environ['PATH']}"

    def run(self, block: Block) -> None:
        """Run a block. It fails the test if a command ends with an error."""
        process = subprocess.run(
            ["bash", "-euc", self._adapt(block)],
            cwd=self._folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            # Without a terminal a password is read from standard input.
            start_new_session=True,
            check=False,
        )
        assert process.returncode == 0, f"{block.name}:\n{process.stdout}{process.stderr}"

    def _adapt(self, block: Block) -> str:
        lines = []
        for command in block.commands:
            text = command.text
            if text.startswith(STREAMS):
                # It ends with its first line, which must come.
                text = f'test -n "$({text.split("  #")[0]} | head -n 1)"'
            lines.append(text)
        text = "\n".join(lines)
        text = re.sub(r"(127\.0\.0\.1|192\.168\.1\.10):5000", f"127.0.0.1:{self._stack.port}", text)
        text = text.replace("-p 6379", f"-p {self._stack.redis.port}")
        return text.replace(
            "-host 192.168.1.10 -port 5000", f"-host 127.0.0.1 -port {self._stack.port}"
        )

    @staticmethod
    def _write(path: Path, line: str) -> None:
        path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        path.chmod(0o755)


def _path(name: str) -> str:
    path = subprocess.run(
        ["sh", "-c", f"command -v {shlex.quote(name)}"], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not path and not is_required("redis"):
        pytest.skip(f"needs {name} on PATH")
    assert path, f"needs {name} on PATH"
    return path


@pytest.fixture
def machine(stack: Stack, tmp_path: Path) -> Machine:
    """A machine with a producer and a series `kitchen`."""
    for name in ("writer", "web", "producer", "jobs"):
        stack.start(name, STRIPCHART_ALLOWED_HOSTS="charts.example")
    stack.wait_for_channel_bridge()
    stack.post("/api/readings", {"series": "kitchen", "value": 21.5})
    return Machine(stack, tmp_path / "machine")


@pytest.mark.parametrize("document", RUNNABLE, ids=lambda path: path.name)
def test_commands_of_document_run(document: Path, machine: Machine) -> None:
    if document.name == "views.md":
        machine.run(Block(document, 0, _HOME))
    for block in RUNNABLE[document]:
        needs_influx = any(command.program == "influx" for command in block.commands)
        if not needs_influx or find_program("influx") or is_required("influx"):
            machine.run(block)


def test_documented_restore_brings_back_the_backup_and_what_came_after_it(
    stack: Stack, tmp_path: Path
) -> None:
    writer = stack.start("writer")
    stack.start("web")
    stack.wait_for_channel_bridge()
    machine = Machine(stack, tmp_path / "machine")
    document = ROOT / "docs" / "upgrade.md"
    backing_up, restoring = (
        next(block for block in blocks(document) if block.text.startswith(start))
        for start in ("stripchart backup", "mkdir")
    )

    def publish(value: float) -> None:
        stack.post("/api/readings", {"series": "cellar", "value": value})
        wait_until("the reading is stored", lambda: value in stack.stored("cellar"))

    publish(1.0)
    machine.run(backing_up)
    publish(2.0)
    writer.terminate()
    machine.run(restoring)
    assert stack.stored("cellar") == [1.0]
    stack.start("writer")
    wait_until("the journal is replayed", lambda: stack.stored("cellar") == [1.0, 2.0])
    assert (stack.database.parent / "before-restore" / "readings.db").exists()
