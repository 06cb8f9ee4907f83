"""Steps of .ci/run, with stand-ins for every program that it calls."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.programs import MARKERS

STAND_INS = {
    "make": "exit 0",
    "service": "exit 0",
    "dpkg-query": "echo install ok installed",
    "docker": "exit 1",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    for name, line in STAND_INS.items():
        write_script(tmp_path / "bin" / name, line)
    script = tmp_path / "stripchart" / ".ci" / "run"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", script)
    return script.parent.parent


def write_script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


def run(checkout: Path, **environ: str) -> str:
    """Run the steps and return what they print."""
    path = f"{checkout.parent / 'bin'}:{os.environ['PATH']}"
    known = {k: v for k, v in os.environ.items() if k != "STRIPCHART_DOCKER_ENGINE"}
    done = subprocess.run(
        [str(checkout / ".ci" / "run")],
        env=known | {"PATH": path} | environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_script_named_by_variable_starts_engine(checkout: Path) -> None:
    engine = checkout.parent / "my-engine"
    write_script(engine, "echo engine started")
    assert "\nengine started\n" in run(checkout, STRIPCHART_DOCKER_ENGINE=str(engine))


def test_other_steps_run_without_engine(checkout: Path) -> None:
    printed = run(checkout)
    assert "=== make test-faults\n" in printed
    assert "no Docker engine answers: its tests are skipped\n" in printed
    absent = run(checkout, STRIPCHART_DOCKER_ENGINE=str(checkout / "absent"))
    assert "absent" not in absent


def test_make_test_all_demands_every_program_but_docker() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (demanded,) = re.findall(r"^demanded := (.+)$", text, re.MULTILINE)
    # `make test-docker` demands Docker.
    assert sorted([*demanded.split(","), "docker"]) == sorted(MARKERS)
