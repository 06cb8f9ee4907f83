"""The commands in README and docs: each stands in a code block that is marked `sh`."""

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import click
from markdown_it import MarkdownIt

from services.cli.main import main
from tests.support.paths import ROOT

DOCUMENTS: Final = tuple(
    sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
)
_MARKDOWN: Final = MarkdownIt("commonmark").enable("table")
_BLOCKS: Final = MarkdownIt("commonmark").disable("inline")
"""A parser that leaves out what is inside of sentences, which takes most of the time."""
_ASSIGNMENT: Final = re.compile(r"^\w+=")
_ENDS: Final = frozenset({"|", "<", ">", ";", "&", "&&", "||"})

STREAMS: Final = ("redis-cli SUBSCRIBE", ".venv/bin/stripchart tail", "curl -N")
"""Commands that run until they are stopped. A test reads their first line."""

_RUN: Final = frozenset({"curl", "redis-cli", "sqlite3", "influx", "export", "cat"})
"""Programs that a test runs, besides `stripchart`."""

_CHECKED: Final = frozenset(
    {
        "make", "docker", "sudo", "git", "cd", "pgrep", "py-spy", "systemctl", "journalctl",
        "rtl_433", "apt", "install", "systemd-sysusers", "cp", "mv", "mkdir", "scp", "sh",
        ".venv/bin/python",
    }
)  # fmt: skip
"""Programs that change the machine, or are not there: only their syntax is checked."""

_LASTING: Final = frozenset({"up", "demo", "producer", "writer", "web", "jobs"})
"""Commands of `stripchart` that run until they are stopped; other tests start them."""

PROGRAMS: Final = _RUN | _CHECKED | {"stripchart", ".venv/bin/stripchart"}


class Command(NamedTuple):
    """A command of a block.

    Attributes:
        text: The command as it is printed.
        words: Program and arguments, without assignments and `sudo`, up to a pipe or redirection.
    """

    text: str
    words: list[str]

    @property
    def program(self) -> str:
        """The name of the program, without a folder for `stripchart`."""
        name = self.words[0] if self.words else ""
        return "stripchart" if name == ".venv/bin/stripchart" else name

    @property
    def stripchart_words(self) -> list[str] | None:
        """The arguments of `stripchart`, also inside `docker compose run`; None without it."""
        if "stripchart" not in self.words or self.words[:2] == ["docker", "image"]:
            return self.words[1:] if self.program == "stripchart" else None
        if self.words[:3] == ["docker", "compose", "run"] and "--entrypoint" in self.words:
            return None
        if self.program == "stripchart" or self.words[:3] == ["docker", "compose", "run"]:
            return self.words[self.words.index("stripchart") + 1 :]
        return None

    @property
    def can_run(self) -> bool:
        """True if a test runs it."""
        if "sudo " in self.text or " | ./" in self.text:
            return False
        if self.program == "stripchart":
            return not _LASTING & set(self.words[1:2])
        return not self.words or self.program in _RUN


class Block(NamedTuple):
    """A code block that is marked `sh`.

    Attributes:
        document: Path of the document.
        line: Number of its first line, from 1.
        text: Its content.
    """

    document: Path
    line: int
    text: str

    @property
    def name(self) -> str:
        """Its place, for messages."""
        return f"{self.document.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> list[Command]:
        """The commands, in order."""
        joined = re.sub(r"\\\n\s*|\|\n\s*", lambda m: "| " if m[0][0] == "|" else "", self.text)
        lines = [line for line in joined.splitlines() if line.strip()]
        return [parse_command(line) for line in lines if not line.lstrip().startswith("#")]

    @property
    def can_run(self) -> bool:
        """True if a test runs all of it."""
        return all(command.can_run for command in self.commands)


def parse_command(text: str) -> Command:
    """Return a command with its words."""
    inner = re.match(r"^(?:export )?\w+=\$\((.*)\)$", text)
    plain = inner[1] if inner else re.sub(r"(\w+=)\$\([^)]*\) ", r"\1x ", text)
    lexer = shlex.shlex(plain, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    end = next((index for index, word in enumerate(words) if word in _ENDS), len(words))
    words = words[:end]
    while words and (_ASSIGNMENT.match(words[0]) or words[0] == "sudo"):
        words.pop(0)
    return Command(text, words)


@cache
def blocks(document: Path) -> list[Block]:
    """Return the blocks of a document that are marked `sh`."""
    tokens = _BLOCKS.parse(document.read_text(encoding="utf-8"))
    return [
        Block(document, token.map[0] + 1, token.content)
        for token in tokens
        if token.type == "fence"
        and token.info == "sh"
        and token.map
        # Programs in shell are tested with those in other languages.
        and "; do\n" not in token.content
    ]


def unmarked_commands(document: Path) -> list[str]:
    """Return the lines of other code blocks that begin with a program."""
    tokens = _BLOCKS.parse(document.read_text(encoding="utf-8"))
    others = [t for t in tokens if t.type == "code_block" or (t.type == "fence" and not t.info)]
    lines = [line for token in others for line in token.content.splitlines()]
    # The rules of sources name commands too.
    return [line for line in lines if _first_word(line) in PROGRAMS and " => " not in line]


def inline_commands(document: Path) -> list[str]:
    """Return what the sentences quote of `stripchart`, such as `stripchart doctor`."""
    tokens = _MARKDOWN.parse(document.read_text(encoding="utf-8"))
    children = [child for token in tokens for child in token.children or []]
    quoted = [child.content for child in children if child.type == "code_inline"]
    return [text for text in quoted if re.match(r"(sudo )?stripchart [a-z]", text)]


def option_fault(words: list[str]) -> str | None:
    """Return what is wrong with the arguments of `stripchart`: a subcommand or an option."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = command.get_command(context, name)
        if found is None:
            return f"there is no command {name}"
        command = found
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
    if command is main:
        known |= {"--version"}
    for word in words:
        name = word.partition("=")[0]
        if re.match(r"--\w|-[a-zA-Z]$", name) and name not in known:
            return f"{command.name} has no option {name}"
    return None


def _first_word(line: str) -> str:
    words = [word for word in line.split() if not _ASSIGNMENT.match(word)]
    return words[0] if words else ""
