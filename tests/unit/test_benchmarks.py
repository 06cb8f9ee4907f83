"""The frame of the benchmarks, and a tiny run of each: that it works, not what it measures."""

import sys

import pytest
from click.testing import CliRunner

from benchmarks.harness.catalogue import main
from benchmarks.harness.comparison import Contestant, Row, in_turns, table
from benchmarks.relay import frame

ROWS = [Row("cpu", "CPU, s", 2), Row("own", "only ours")]


def test_every_benchmark_has_a_name_and_says_what_it_measures() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    assert "worker-type  The live relay on gevent, against gthread." in answer.output


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


def test_a_torn_frame_is_seen() -> None:
    whole = frame.stamped(12_345)
    assert len(whole) == frame.SIZE
    assert frame.stamp_of(b"x" + whole, 1) == 12_345
    with pytest.raises(ValueError, match="torn"):
        frame.stamp_of(whole, 5)


@pytest.mark.skipif(sys.platform != "linux", reason="the relay's benchmark needs Linux")
def test_a_tiny_run_of_worker_type() -> None:
    tiny = "--viewers 2 --rounds 1 --rate 50 --seconds 0.1 --query-seconds 0.01"
    answer = CliRunner().invoke(main, ["worker-type", *tiny.split()])
    assert answer.exception is None, answer.output
    lines = answer.output.splitlines()
    assert "| 2 viewers, 50 frames/s each | gevent | gthread | gevent / gthread |" in lines
    delivered = next(line for line in lines if line.startswith("| delivered")).split(" | ")
    assert float(delivered[1]) > 0
    assert float(delivered[2]) > 0
