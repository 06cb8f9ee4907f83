"""Estimates of the number of rows, made from rollups."""

from pathlib import Path

import pytest

from services.reading import END_OF_TIME
from services.store.interval import Interval
from services.store.rollup.coverage import read_coverage
from services.store.rollup.estimates import estimate_rows
from services.store.tiers import RAW, ROLLUPS, WIDEST_BUCKET
from tests.support.dense_series import HOUR, START, DenseDatabase, make_values

ALL_TIME = Interval(0, END_OF_TIME)


@pytest.mark.long
def test_estimates_are_close_even_for_bursts_of_readings(tmp_path: Path) -> None:
    """Series 1 has bursts of a minute every two hours, series 2 even readings."""
    database = DenseDatabase(tmp_path)
    for burst in range(40):
        database.record(make_values(0.1, 600, START + burst * 2 * HOUR))
    database.record(make_values(0.3, 60_000), "even")
    database.maintain()
    with database.engine.begin() as connection:
        for series_id, max_factor in ((1, 16.0), (2, 1.05)):
            coverage = read_coverage(connection, series_id)
            assert len(coverage.rollups) == len(ROLLUPS)
            for tier in (RAW, *ROLLUPS):
                parts = estimate_rows(
                    connection, series_id, coverage, tier, ALL_TIME, step=WIDEST_BUCKET
                )
                estimate = sum(count for _, count in parts)
                ((row_count,),) = database.query(
                    f"SELECT count(*) FROM {tier.table} WHERE series_id = {series_id}"  # noqa: S608
                )
                if tier is RAW:
                    assert estimate == pytest.approx(row_count, rel=0.01)
                else:
                    assert row_count <= estimate <= row_count * max_factor + 180
    database.close()
