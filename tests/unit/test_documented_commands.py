"""Commands in README and docs are marked, have a sound syntax, and name what exists."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.documented_commands import (
    DOCUMENTS,
    PROGRAMS,
    Block,
    Command,
    blocks,
    inline_commands,
    option_fault,
    parse_command,
    unmarked_commands,
)
from tests.support.paths import ROOT

TARGETS = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def documented_commands() -> Iterator[tuple[Block, Command]]:
    """Yield the commands of all documents, each with its block."""
    for path in DOCUMENTS:
        for block in blocks(path):
            for command in block.commands:
                yield block, command


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_document_are_marked(document: Path) -> None:
    assert unmarked_commands(document) == [], "put commands into a block that is marked sh"


def test_commands_have_a_sound_syntax() -> None:
    bash = shutil.which("bash") or "sh"
    for path in DOCUMENTS:
        for block in blocks(path):
            process = subprocess.run(
                [bash, "-n"], input=block.text, text=True, capture_output=True, check=False
            )
            assert (process.returncode, process.stderr) == (0, ""), block.name


def test_programs_of_commands_are_known() -> None:
    # What needs `sudo` is never run.
    commands = [c for _, c in documented_commands() if c.words and not c.text.startswith("sudo ")]
    unknown = {c.program for c in commands if c.program not in PROGRAMS}
    assert unknown == set(), "say in tests/support/documented_commands.py whether a test runs it"


def test_stripchart_has_the_documented_commands_and_options() -> None:
    for block, command in documented_commands():
        words = command.stripchart_words
        assert words is None or option_fault(words) is None, f"{block.name}: {option_fault(words)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_quoted_commands_and_options_exist(document: Path) -> None:
    for text in inline_commands(document):
        words = parse_command(text).words[1:]
        assert option_fault(words) is None, f"`{text}`: {option_fault(words)}"


def test_documented_targets_of_make_exist() -> None:
    for block, command in documented_commands():
        if command.program == "make":
            words = [w for w in command.words[1:] if not re.match(r"\w+=|-C|/", w)]
            assert set(words) <= TARGETS, block.name


def test_documented_services_of_compose_exist() -> None:
    services = set(COMPOSE["services"])
    profiles = {
        name for service in COMPOSE["services"].values() for name in service.get("profiles", ())
    }
    for block, command in documented_commands():
        if command.words[:3] == ["docker", "compose", "run"]:
            assert services & set(command.words), block.name
        named = re.findall(r"--profile (\w+)", command.text)
        assert set(named) <= profiles, block.name


def test_unknown_options_are_found() -> None:
    assert option_fault(["doctor", "--thorough"]) is None
    assert option_fault(["doctor", "--quick"]) == "doctor has no option --quick"
    assert option_fault(["token", "add", "x", "--scope", "write"]) is None
    assert option_fault(["token", "make"]) == "there is no command make"


@pytest.mark.parametrize(
    ("text", "words", "can_run"),
    [
        ("A=1 stripchart tail | cat", ["stripchart", "tail"], True),
        ("sudo stripchart doctor", ["stripchart", "doctor"], False),
        ('T=$(stripchart token add "a b")', ["stripchart", "token", "add", "a b"], True),
        ("A=$(cat b) redis-cli PING < c", ["redis-cli", "PING"], True),
        ("A=1 make run", ["make", "run"], False),
        (
            ".venv/bin/stripchart demo home  # twenty",
            [".venv/bin/stripchart", "demo", "home"],
            False,
        ),
    ],
)
def test_command_is_parsed(text: str, words: list[str], can_run: bool) -> None:
    command = parse_command(text)
    assert command == Command(text, words)
    assert command.can_run == can_run
