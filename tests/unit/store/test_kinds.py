"""The guess of a series' kind."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from services.reading import MICROSECONDS
from services.series_settings import SeriesKind
from services.store import TimedValue
from services.store.query.kinds import KindGuesser, KnownSeries, guess_kind
from services.store.query.series_memory import MEMORY_SECONDS
from tests.support.dense_series import START, DenseDatabase

MINUTE = 60 * MICROSECONDS


def regular(values: Sequence[float], step: int = MICROSECONDS) -> list[TimedValue]:
    return [TimedValue(START + i * step, float(value)) for i, value in enumerate(values)]


def on_change(values: Sequence[float]) -> list[TimedValue]:
    """Return readings with irregular pauses."""
    times = [START + 3**i * MINUTE for i in range(len(values))]
    return [TimedValue(ts, float(value)) for ts, value in zip(times, values, strict=True)]


def jumps(low: int, high: int) -> list[float]:
    return [low + i * 37 % 64 % (high - low + 1) for i in range(64)]


@pytest.fixture
def dense(tmp_path: Path) -> Iterator[DenseDatabase]:
    database = DenseDatabase(tmp_path)
    yield database
    database.close()


def guess(database: DenseDatabase, guesser: KindGuesser, name: str) -> SeriesKind:
    with database.engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT id, name, unit, ts, value FROM series JOIN readings ON series_id = id"
            " WHERE name = ? ORDER BY ts DESC LIMIT 1",
            (name,),
        ).one()
        return guesser.guess(connection, KnownSeries(*row))


@pytest.mark.parametrize(
    ("name", "unit", "readings", "kind"),
    [
        ("front", None, on_change([1, 0, 1, 0, 1]), "state"),
        ("front", None, regular([0] * 40 + [1] * 20), "state"),
        ("sensor.front_door", None, regular([0]), "state"),
        ("door", None, on_change([0, 0, 0]), "state"),
        ("heating", None, on_change([0, 2, 1, 3, 2]), "state"),
        ("heating.mode", None, regular([0] * 30 + [2] * 30 + [3] * 4), "state"),
        ("processes running", None, regular([3] * 30 + [4] * 34), "measure"),
        ("queue", None, regular(jumps(0, 4)), "measure"),
        ("queue", None, regular(jumps(0, 40)), "measure"),
        ("people", None, regular([3] * 64), "measure"),
        ("load", None, regular([0.5, 1, 0.5, 1]), "measure"),
        ("humidity", "%", regular([0, 1, 0, 1]), "measure"),
        ("power", "W", on_change([0, 1, 0, 1]), "measure"),
        ("temperature", "°C", regular([20, 21, 22, 23]), "measure"),
        ("meter", "kWh", regular([10, 10.5, 11, 12, 12.5]), "counter"),
        ("meter", "kWh", regular([10, 11, 12, 13, 0.1, 1, 2, 3]), "counter"),
        ("requests_total", None, regular(range(64)), "counter"),
        ("net,host=a bytes_recv", None, regular(range(0, 6400, 100)), "counter"),
        ("uptime", "s", regular(range(64)), "measure"),
        ("tank", "L", regular([100, 90, 80, 95, 85, 75]), "measure"),
        ("memory", "B", regular(jumps(1_000, 9_000)), "measure"),
        ("meter", "kWh", regular([10, 10, 10]), "measure"),
        ("anything", None, [], "measure"),
    ],
)
def test_readings_name_and_unit_suggest_kind(
    name: str, unit: str | None, readings: list[TimedValue], kind: str
) -> None:
    assert guess_kind(name, unit, readings) == kind


class TestKindGuesser:
    """Guesses that are remembered."""

    def test_counter_that_rests_is_recognised_by_its_history(self, dense: DenseDatabase) -> None:
        values = {START + i * MINUTE: float(min(i, 200)) for i in range(400)}
        dense.record(values, "energy")
        assert guess(dense, KindGuesser(), "energy") == "counter"

    def test_guess_is_made_again_after_new_readings_and_some_time(
        self, dense: DenseDatabase
    ) -> None:
        now = [0.0]
        guesser = KindGuesser(lambda: now[0])
        dense.record({START + i: float(i % 2) for i in range(70)}, "lamp")
        assert guess(dense, guesser, "lamp") == "state"
        dense.record({START + 100 + i: float(i % 17) for i in range(70)}, "lamp")
        assert guess(dense, guesser, "lamp") == "state"
        now[0] += MEMORY_SECONDS
        assert guess(dense, guesser, "lamp") == "measure"

    def test_number_of_guesses_is_bounded(self, dense: DenseDatabase) -> None:
        guesser = KindGuesser(max_guesses=2)
        for name in ("a", "b", "c"):
            dense.record({START: 1.0, START + 1: 0.0, START + MINUTE: 1.0}, name)
            assert guess(dense, guesser, name) == "state"
