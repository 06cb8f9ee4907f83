"""The harness of the benchmarks, and a small run of each, to see that it works."""

import re
import shutil
import sys

import pytest
from click.testing import CliRunner

from benchmarks.harness.comparison import Contestant, TableRow, format_table, measure_in_turns
from benchmarks.harness.registry import main
from benchmarks.storage.synthetic_readings import generate_readings, series_names

ROWS = [TableRow("cpu", "CPU, s", 2), TableRow("own", "only ours")]


def run_benchmark(name: str, options: str) -> str:
    """Run a benchmark and return its output."""
    result = CliRunner().invoke(main, [name, *options.split()])
    assert result.exception is None, result.output
    return result.output


def table_rows(name: str, options: str) -> list[list[str]]:
    """Run a benchmark and return the cells of all its tables, without their heads."""
    output = run_benchmark(name, options)
    lines = [line for line in output.splitlines() if line.startswith("|")]
    rules = {index for index, line in enumerate(lines) if line.startswith("|---")}
    return [
        line.strip("| ").split(" | ")
        for index, line in enumerate(lines)
        if index not in rules and index + 1 not in rules
    ]


def cells_of(output: str, start: str) -> list[str]:
    """Return the cells of the first line of the output that begins with `start`."""
    return next(line for line in output.splitlines() if line.startswith(start)).split(" | ")


def number(cell: str) -> float:
    """Return the number in a cell, which may have commas."""
    return float(cell.replace(",", ""))


def test_help_lists_benchmarks_with_their_measure() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    assert re.search(r"page-memory +\w", answer.output)


def test_unknown_benchmark_is_refused() -> None:
    for name in ("harness", "--main--", "unheard-of"):
        assert CliRunner().invoke(main, [name]).exit_code == 2


def test_contestants_are_measured_in_turns() -> None:
    order: list[str] = []

    def contestant(name: str) -> Contestant:
        def measure() -> dict[str, float]:
            order.append(name)
            return {"cpu": float(len(order))}

        return Contestant(name, measure)

    comparison = measure_in_turns(2, [contestant("a"), contestant("b"), contestant("c")], "some")
    assert order == ["a", "b", "c", "a", "b", "c"]
    assert comparison.ratios("cpu", "b") == [1 / 2, 4 / 5]
    assert comparison.ratios("cpu", "c") == [1 / 3, 4 / 6]


def test_table_has_medians_and_ratios_of_rounds() -> None:
    ours = iter([1.0, 2.0, 9.0])
    yardstick = iter([2.0, 2.0, 3.0])
    comparison = measure_in_turns(
        3,
        [
            Contestant("a", lambda: {"cpu": next(ours), "own": 7000.0}),
            Contestant("b", lambda: {"cpu": next(yardstick)}),
        ],
        "some",
    )
    assert format_table("some", ROWS, comparison) == [
        "| some | a | b | a / b |",
        "|---|---:|---:|---:|",
        "| CPU, s | 2.00 | 2.00 | 1.00 (0.50 to 3.00) |",
        "| only ours | 7,000.0 |  |  |",
    ]


def test_synthetic_readings_have_unique_ascending_times() -> None:
    readings = list(generate_readings(3, 3_000))
    assert len({(r.series, r.ts) for r in readings}) == 3_000
    for name in series_names(3):
        times = [r.ts for r in readings if r.series == name]
        assert times == sorted(times)


def test_insert_reports_rates_with_and_without_rollups() -> None:
    rows = table_rows("insert", "--series 3 --batch 50 --size 200 --rounds 1")
    assert [row[0] for row in rows] == ["rows a second"] * 2


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")


@LINUX
@pytest.mark.redis
def test_publish_reports_both_contestants() -> None:
    rows = table_rows("publish", "--messages 10 --in-message 2 --size 100 --rounds 1")
    assert [len(row) for row in rows] == [4, 4]


@LINUX
@pytest.mark.redis
@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("one_up_at_a_time")
@pytest.mark.parametrize(
    ("name", "options", "row_count"),
    [
        ("drain", "--size 500 --in-message 5 --rounds 1", 3),
        ("visible", "--times 2", 3),
        ("history", "--size 2000 --times 2 --flood-seconds 0.1", 10),
        ("access", "--size 100 --times 1 --rounds 1", 4),
        ("disk", "--size 2000", 2),
        ("disk-writes", "--seconds 0.5 --appendfsync no --flush 0", 1),
        ("memory", "--seconds 0", 9),
        ("peers", "--size 2000 --times 1 --rounds 1", 11),
    ],
)
def test_benchmark_reports_every_row(name: str, options: str, row_count: int) -> None:
    assert len(table_rows(name, options)) == row_count


@pytest.mark.skipif(sys.platform != "linux", reason="the relay's benchmark needs Linux")
@pytest.mark.long
def test_ingest_without_servers_reports_parsers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    output = run_benchmark("ingest", "--rounds 1 --parsed 1000")
    assert number(cells_of(output, "| readings")[1]) > 0
    assert "not measured: redis-server and influxd" in output


@pytest.mark.redis
@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the load client needs Linux")
@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
class TestBroadcast:
    """The benchmarks of the live relay, without servers that must be downloaded."""

    def test_fanout_reports_delivered_share(self) -> None:
        options = "--server Stripchart --server C --viewers 3 --stalled 1 --rounds 1 --seconds 0.2"
        shares = cells_of(run_benchmark("fanout", options), "| delivered")[1:3]
        assert all(0 < number(share) <= 100 for share in shares)

    def test_live_beside_history_reports_answers(self) -> None:
        options = "--viewers 3 --rounds 1 --seconds 0.5 --clients 1 --rows 1000 --points 100"
        output = run_benchmark("live-beside-history", options)
        assert number(cells_of(output, "| answers")[1]) > 0
