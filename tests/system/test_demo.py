"""`stripchart demo` with real processes."""

import json
import re
from pathlib import Path

import pytest

from tests.support.up_process import Up, environment
from tests.support.waiting import wait_until
from tests.system.test_up import get

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("one_up_at_a_time")]


def newest_time(page: str, series: str) -> float:
    (found,) = json.loads(get(f"{page}api/series?series={series}"))["series"]
    return float(found["last"])


def views(page: str) -> dict[str, int]:
    """Return the revisions of the views by name."""
    return {v["name"]: v["revision"] for v in json.loads(get(f"{page}api/views"))["views"]}


def label(page: str, series: str) -> str | None:
    (found,) = json.loads(get(f"{page}api/series?series={series}"))["series"]
    return None if found["label"] is None else str(found["label"])


def test_demo_fills_history_beside_the_data_of_the_user_and_goes_on_live(tmp_path: Path) -> None:
    elsewhere = {
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'own.db'}",
        "STRIPCHART_SOURCES": "no such source",
    }
    with Up(environment(tmp_path, **elsewhere), "-m", "services.cli", "demo", "lab") as up:
        page = up.wait_for_line(r"^demo +\| the page: (http://127\.0\.0\.1:\d+/)$")[1]
        up.wait_for_line(r"^demo +\| the data is there: three channels at 200 Hz")
        up.wait_for_line(rf"^demo +\| the view Lab: {re.escape(page)}v/lab$")
        wait_until("the view is stored", lambda: views(page) == {"lab": 1})
        wait_until("the shaker has a label", lambda: label(page, "shaker.running") == "Shaker")
        up.wait_for_line(r"^demo +\| zoom into accelerometer.x")
        address = f"{page}api/history?series=accelerometer.x&from=-10m&points=600"
        buckets = json.loads(get(address))["series"]["accelerometer.x"]
        assert len(buckets["t"]) > 200
        before = newest_time(page, "accelerometer.x")
        wait_until("the demo goes on", lambda: newest_time(page, "accelerometer.x") > before)
        up.process.terminate()
        assert up.wait_for_exit() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["demo-lab"]

    with Up(environment(tmp_path), "-m", "services.cli", "demo", "lab") as up:
        page = up.wait_for_line(r"^demo +\| the page: (http://127\.0\.0\.1:\d+/)$")[1]
        up.wait_for_line(r"^demo +\| the data is there: three channels at 200 Hz")
        assert views(page) == {"lab": 1}


def test_unknown_demo_is_refused_with_the_names(tmp_path: Path) -> None:
    with Up(environment(tmp_path), "-m", "services.cli", "demo", "garden") as up:
        assert up.wait_for_exit() == 2
    assert re.search("'home', 'servers', 'lab'", "\n".join(up.lines))
    assert list(tmp_path.iterdir()) == []
