"""Documents agree with the code, and their Markdown is whole."""

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
from markdown_it import MarkdownIt

from benchmarks.harness.registry import main
from services.settings import Settings
from tests.support.paths import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MARKDOWN = MarkdownIt("commonmark").enable("table")
MAX_COLUMNS = 118


def test_settings_document_has_every_setting_as_declared() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^- `(\w+)`(?:, default `(.*?)`)?:\n  (.*)$", text, re.MULTILINE)
    assert rows == Settings.rows()


def test_benchmarks_document_has_every_benchmark() -> None:
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    _, _, rows = text.partition("| benchmark | measures | its yardstick |\n")
    table_rows, _, _ = rows.partition("\n\n")
    named = re.findall(r"^\| `([\w-]+)` \|", table_rows, re.MULTILINE)
    assert sorted(named) == sorted(main.list_commands(click.Context(main)))


def test_influxdb_document_has_the_versions_of_the_tested_programs() -> None:
    text = (ROOT / "docs" / "influxdb.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+?)` \| ([\d.]+) \| (PyPI|npm) \|", text, re.MULTILINE)
    packages = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locks = (ROOT / "requirements" / "clients.txt").read_text(encoding="utf-8")
    assert len(rows) == 9
    for name, version, registry in rows:
        if registry == "npm":
            assert packages[name] == version
        else:
            assert re.search(rf"^{name}=={re.escape(version)} ", locks, re.MULTILINE), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_anchors_of_document_exist(document: Path) -> None:
    for link in links(document.read_text(encoding="utf-8")):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = document.parent / unquote(parts.path) if parts.path else document
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_tables_and_code_blocks_of_document_are_whole(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert raw_table_lines(text) == []
    assert open_fences(text) == []


def test_torn_table_is_found() -> None:
    text = "| a | b |\n|---|---|\n| 1 | `x|y` |\n\n| 2 | 3 |\n"
    assert raw_table_lines(text) == ["| 2 | 3 |"]
    assert raw_table_lines(text.replace("\n\n", "\n")) == []


def test_open_code_block_is_found() -> None:
    assert open_fences("a\n\n```sh\nls\n```\n") == []
    assert open_fences("a\n\n```sh\nls\n") == [3]


def test_anchors_equal_those_of_github() -> None:
    text = "# What `up` does: all, at once\n\n## Twice\n\n## Twice\n"
    assert anchors(text) == {"what-up-does-all-at-once", "twice", "twice-1"}
    assert links("[a](b.md#c) ![d](e.png) `[f](g)`") == ["b.md#c", "e.png"]


def raw_table_lines(text: str) -> list[str]:
    """Return the lines outside of tables and code that show a pipe."""
    depth, texts = 0, []
    for token in MARKDOWN.parse(text):
        depth += token.nesting if token.type in ("table_open", "table_close") else 0
        if token.type == "inline" and not depth:
            texts += [c.content for c in token.children or [] if c.type == "text"]
    return [line for line in texts if "|" in line]


def open_fences(text: str) -> list[int]:
    """Return the line numbers, from 1, of code fences that nothing closes."""
    lines = text.splitlines()
    return [
        token.map[0] + 1
        for token in MARKDOWN.parse(text)
        if token.type == "fence"
        and token.map
        and (token.map[1] == token.map[0] + 1 or lines[token.map[1] - 1].strip() != token.markup)
    ]


def links(text: str) -> list[str]:
    """Return the targets of all links and images, in order."""
    inline = [child for token in MARKDOWN.parse(text) for child in token.children or []]
    targets = [child.attrGet("href") or child.attrGet("src") for child in inline]
    return [str(target) for target in targets if target]


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings."""
    tokens = MARKDOWN.parse(text)
    counts: Counter[str] = Counter()
    result = set()
    for opened, title in pairwise(tokens):
        if opened.type == "heading_open":
            words = "".join(child.content for child in title.children or [])
            anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            result.add(f"{anchor}-{counts[anchor]}" if counts[anchor] else anchor)
            counts[anchor] += 1
    return result


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths_that_document_names_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    paths = re.findall(r"`((?:services|tests|benchmarks|docs|scripts|deploy)/[\w./-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    modules = re.findall(r"`((?:chart|feed|page|store|view)/[\w/]+\.js)`", text)
    frontend = ROOT / "services" / "web" / "frontend"
    assert [path for path in modules if not (frontend / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_modules_that_document_runs_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"python -m ((?:tests|services|benchmarks)[\w.]*)", text):
        path = ROOT.joinpath(*name.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_lines_of_document_have_at_most_118_characters(document: Path) -> None:
    lines = document.read_text(encoding="utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > MAX_COLUMNS] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_settings_that_document_names_exist(document: Path) -> None:
    names = {f"{name}{end}" for name, _default, _help in Settings.rows() for end in ("", "_FILE")}
    text = document.read_text(encoding="utf-8")
    assert set(re.findall(r"\bSTRIPCHART_[A-Z_]+[A-Z]", text)) <= names | EXTRA


EXTRA = {
    "STRIPCHART_DOMAIN", "STRIPCHART_HTTP_PORT", "STRIPCHART_HTTPS_PORT", "STRIPCHART_REDIS_OTHERS",
    "STRIPCHART_REDIS_PORT", "STRIPCHART_UPSTREAM", "STRIPCHART_WEB_PORT",
}  # fmt: skip
"""Variables of compose.yaml alone."""


def test_tests_that_guarantees_name_exist() -> None:
    text = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)((?:::\w+)*)`", text)
    assert named
    for path, names in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        for name in names.split("::")[1:]:
            assert re.search(rf"(def|class) {name}\b", source), f"{path}{names}"
