"""The registry of sources: names that exist, and files that can be loaded."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from services.errors import SettingError
from services.producer import sources
from services.producer.registry import check_sources, load_sources
from services.settings import Settings
from tests.support.paths import ROOT
from tests.support.source_contexts import SourceRunner
from tests.support.waiting import wait_until


def test_each_source_is_one_file(settings: Settings) -> None:
    names = ("random", "walk", "sine", "host", "stdin", "mqtt", "command")
    loaded = load_sources(replace(settings, sources=names))
    assert [name for name, _ in loaded] == list(names)
    files = {path.stem for path in (ROOT / "services/producer/sources").glob("[a-z]*.py")}
    assert files == set(names)


def test_source_that_is_named_twice_is_loaded_once(settings: Settings) -> None:
    loaded = load_sources(replace(settings, sources=("sine", "sine")))
    assert [name for name, _ in loaded] == ["sine"]


@pytest.mark.parametrize("names", [("weather",), ("host", "__init__"), ("../main",)])
def test_unknown_source_is_an_error_that_lists_the_sources(
    settings: Settings, names: tuple[str, ...]
) -> None:
    with pytest.raises(SettingError, match="choose from command, host, mqtt") as caught:
        load_sources(replace(settings, sources=names))
    assert caught.value.exit_status == 2


def test_check_does_not_change_the_package(settings: Settings, tmp_path: Path) -> None:
    before = list(sources.__path__)
    (tmp_path / "barometer.py").write_text("", encoding="utf-8")
    custom = replace(settings, sources_folder=str(tmp_path), sources=("barometer", "host"))
    check_sources(custom)
    assert list(sources.__path__) == before
    with pytest.raises(SettingError, match="there is no source 'barometer'"):
        check_sources(replace(custom, sources_folder=""))


def test_file_that_is_not_a_source_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import nothing_of_that_name", encoding="utf-8")
    (tmp_path / "empty.py").write_text("", encoding="utf-8")
    for name in ("broken", "empty"):
        custom = replace(settings, sources_folder=str(tmp_path), sources=(name,))
        with pytest.raises(SettingError, match=f"source {name} can't be loaded"):
            load_sources(custom)


def test_example_in_the_documents_publishes_readings(runner: SourceRunner, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(example.splitlines()) <= 20
    (tmp_path / "load.py").write_text(example, encoding="utf-8")
    custom = replace(runner.settings, sources_folder=str(tmp_path), sources=("load",))
    ((name, run),) = load_sources(custom)
    assert name == "load"
    runner.start(run)
    wait_until("it publishes readings", lambda: len(runner.readings) >= 3)
    assert [r.series for r in runner.readings[:3]] == ["load.1min", "load.5min", "load.15min"]
