"""Databases for the tests of retention and recovery."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.settings import Settings
from services.store import database_path
from tests.support.damaged_databases import DamagedDatabase
from tests.support.dense_series import DAY, START, DenseDatabase, make_values

TEN_DAYS_SIZE = 43_200


@pytest.fixture(scope="session")
def ten_days_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten days of a reading every 20 s, with all rollups."""
    database = DenseDatabase(tmp_path_factory.mktemp("ten_days"))
    database.record(make_values(20, TEN_DAYS_SIZE))
    database.maintain()
    database.close()
    return database_path(database.settings)


@pytest.fixture
def ten_days(tmp_path: Path, ten_days_template: Path) -> Iterator[DenseDatabase]:
    """A copy of the template, at the end of its ten days."""
    database = DenseDatabase(tmp_path, ten_days_template)
    database.expected = make_values(20, TEN_DAYS_SIZE)
    database.now = START + 10 * DAY
    yield database
    database.close()


@pytest.fixture(scope="session")
def undamaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 5,000 readings."""
    folder = tmp_path_factory.mktemp("undamaged")
    database = DamagedDatabase(Settings.from_environ({"DATA_DIR": str(folder)}))
    database.record(5_000)
    return database.path


@pytest.fixture
def database(settings: Settings, undamaged: Path) -> DamagedDatabase:
    """A copy of the undamaged database, for one test."""
    database = DamagedDatabase(settings)
    database.copy(undamaged)
    return database
