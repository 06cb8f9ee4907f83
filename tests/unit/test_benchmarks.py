"""The frame of the benchmarks, and a tiny run of each: that it works, not what it measures."""

import re
import shutil
import sys

import pytest
from click.testing import CliRunner

from benchmarks.harness.catalogue import main
from benchmarks.harness.comparison import Contestant, Row, in_turns, table
from benchmarks.storage import made

ROWS = [Row("cpu", "CPU, s", 2), Row("own", "only ours")]


def test_every_benchmark_has_a_name_and_says_what_it_measures() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    assert re.search(r"page-memory +\w", answer.output)


def test_what_is_no_benchmark_is_refused() -> None:
    for name in ("harness", "--main--", "unheard-of"):
        assert CliRunner().invoke(main, [name]).exit_code == 2


def test_all_are_measured_in_turns() -> None:
    order: list[str] = []

    def contestant(name: str) -> Contestant:
        def measure() -> dict[str, float]:
            order.append(name)
            return {"cpu": float(len(order))}

        return Contestant(name, measure)

    comparison = in_turns(2, [contestant("a"), contestant("b"), contestant("c")], "some")
    assert order == ["a", "b", "c", "a", "b", "c"]
    assert comparison.ratios("cpu", "b") == [1 / 2, 4 / 5]
    assert comparison.ratios("cpu", "c") == [1 / 3, 4 / 6]


def test_a_table_has_medians_and_the_ratios_of_rounds() -> None:
    ours = iter([1.0, 2.0, 9.0])
    yardstick = iter([2.0, 2.0, 3.0])
    comparison = in_turns(
        3,
        [
            Contestant("a", lambda: {"cpu": next(ours), "own": 7000.0}),
            Contestant("b", lambda: {"cpu": next(yardstick)}),
        ],
        "some",
    )
    assert table("some", ROWS, comparison) == [
        "| some | a | b | a / b |",
        "|---|---:|---:|---:|",
        "| CPU, s | 2.00 | 2.00 | 1.00 (0.50 to 3.00) |",
        "| only ours | 7,000.0 |  |  |",
    ]


def test_made_up_readings_have_a_time_of_their_own() -> None:
    found = list(made.readings(3, 3_000))
    assert len({(r.series, r.ts) for r in found}) == 3_000
    for name in made.names(3):
        times = [r.ts for r in found if r.series == name]
        assert times == sorted(times)


def tables(name: str, options: str) -> list[list[str]]:
    """The cells of all lines of all tables that a benchmark prints, without its heads."""
    answer = CliRunner().invoke(main, [name, *options.split()])
    assert answer.exception is None, answer.output
    lines = [line for line in answer.output.splitlines() if line.startswith("|")]
    rules = {place for place, line in enumerate(lines) if line.startswith("|---")}
    return [
        line.strip("| ").split(" | ")
        for place, line in enumerate(lines)
        if place not in rules and place + 1 not in rules
    ]


def number(cell: str) -> float:
    """What a cell tells; above a thousand it has commas."""
    return float(cell.replace(",", ""))


def test_a_tiny_run_of_insert() -> None:
    found = tables("insert", "--series 3 --batch 50 --size 200 --rounds 1")
    # Without rollups, and with them.
    assert [row[0] for row in found] == ["rows a second"] * 2


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks look into /proc")


@LINUX
@pytest.mark.redis
def test_a_tiny_run_of_publish() -> None:
    found = tables("publish", "--messages 10 --in-message 2 --size 100 --rounds 1")
    assert [len(row) for row in found] == [4, 4]


@LINUX
@pytest.mark.redis
@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "options", "lines"),
    [
        ("drain", "--size 500 --in-message 5 --rounds 1", 3),
        ("visible", "--times 2", 3),
        ("history", "--size 2000 --times 2 --flood-seconds 0.1", 10),
        ("disk", "--size 2000 --seconds 0.5 --rate 20", 3),
        ("peers", "--size 2000 --times 1 --rounds 1", 11),
    ],
)
def test_a_tiny_run(name: str, options: str, lines: int) -> None:
    assert len(tables(name, options)) == lines


@pytest.mark.skipif(sys.platform != "linux", reason="the relay's benchmark needs Linux")
@pytest.mark.long
def test_a_tiny_run_of_ingest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the servers, which not every machine has."""
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("benchmarks.ingest._PARSED", 1_000)
    answer = CliRunner().invoke(main, ["ingest", "--rounds", "1"])
    assert answer.exception is None, answer.output
    parsed = next(line for line in answer.output.splitlines() if line.startswith("| readings"))
    assert number(parsed.split(" | ")[1]) > 0
    assert "not measured: redis-server and influxd" in answer.output


@pytest.mark.redis
@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the load client needs Linux")
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
class TestBroadcast:
    """The benchmarks of the live relay; packages of others are not fetched for a test."""

    def test_a_tiny_run_of_fanout(self) -> None:
        tiny = "--server Stripchart --server C --viewers 3 --stalled 1 --rounds 1 --seconds 0.2"
        answer = CliRunner().invoke(main, ["fanout", *tiny.split()])
        assert answer.exception is None, answer.output
        delivered = _line(answer.output, "| delivered").split(" | ")
        assert all(0 < number(share) <= 100 for share in delivered[1:3])

    def test_a_tiny_run_of_live_beside_history(self) -> None:
        tiny = "--viewers 3 --rounds 1 --seconds 0.5 --clients 1 --rows 1000 --points 100"
        answer = CliRunner().invoke(main, ["live-beside-history", *tiny.split()])
        assert answer.exception is None, answer.output
        assert number(_line(answer.output, "| answers").split(" | ")[1]) > 0


def _line(output: str, start: str) -> str:
    return next(line for line in output.splitlines() if line.startswith(start))
