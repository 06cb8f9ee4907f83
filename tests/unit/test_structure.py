"""The shape of the code: sizes, unique names, and names of bounds."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
SOURCES = sorted((ROOT / "services").rglob("*.py"))
PAGE = [
    path
    for path in sorted((ROOT / "services" / "web" / "frontend").rglob("*.js"))
    if "tests" not in path.parts
]


@cache
def definitions() -> list[tuple[Path, ast.FunctionDef | ast.ClassDef]]:
    return [
        (path, node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]


def test_files_have_at_most_300_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES + PAGE}
    assert {path: length for path, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_functions_have_at_most_50_lines() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, node in definitions()
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []


def test_class_names_are_unique_in_services() -> None:
    places: dict[str, list[Path]] = defaultdict(list)
    for path, node in definitions():
        if isinstance(node, ast.ClassDef):
            places[node.name].append(path)
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_class_names_are_unique_in_page() -> None:
    places: dict[str, list[Path]] = defaultdict(list)
    for path in PAGE:
        for name in re.findall(r"^(?:export )?class (\w+)", path.read_text("utf-8"), re.MULTILINE):
            places[name].append(path)
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_bounds_are_named_max_and_min() -> None:
    pattern = re.compile(r"^_?(MOST|LEAST|FEWEST|LONGEST|SHORTEST)_\w+", re.MULTILINE)
    named = {path: pattern.findall(path.read_text(encoding="utf-8")) for path in SOURCES + PAGE}
    assert {path: found for path, found in named.items() if found} == {}


def test_browser_tests_find_buttons_and_links_by_whole_names() -> None:
    """Playwright also finds parts of names, and a legend entry is a button that says "5 min"."""
    calls = [
        (path, node, {keyword.arg: keyword.value for keyword in node.keywords})
        for path in sorted((ROOT / "tests" / "browser").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".get_by_role")
    ]
    assert calls
    partial = [
        f"{path.relative_to(ROOT)}:{node.lineno} needs exact=True or a pattern: {ast.unparse(node)}"
        for path, node, keywords in calls
        if ast.unparse(node.args[0]) in {"'button'", "'link'"}
        and isinstance(keywords.get("name"), ast.Constant | ast.JoinedStr)
        and "exact" not in keywords
    ]
    assert partial == []
