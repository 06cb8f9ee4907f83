"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

from services.settings import table
from tests.servers import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_setting_is_documented_as_it_is() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    assert rows == [
        (name, f"`{default}`" if default else "", help_text) for name, default, help_text in table()
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_settings_that_are_named_exist(document: Path) -> None:
    names = {f"{name}{end}" for name, _default, _help in table() for end in ("", "_FILE")}
    text = document.read_text(encoding="utf-8")
    assert set(re.findall(r"\bSTRIPCHART_[A-Z_]+[A-Z]", text)) <= names | EXTRA


EXTRA = {"STRIPCHART_WEB_PORT", "STRIPCHART_REDIS_PORT"}
"""Variables of compose.yaml alone."""


def test_every_guarantee_names_a_test_that_is_there() -> None:
    text = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)((?:::\w+)*)`", text)
    assert named
    for path, names in named:
        source = (ROOT / path).read_text(encoding="utf-8")
        for name in names.split("::")[1:]:
            assert re.search(rf"(def|class) {name}\b", source), f"{path}{names}"
