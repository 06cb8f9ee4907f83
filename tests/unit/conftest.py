"""A migrated database for each test, with engines to write and to read it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Engine

from services.settings import Settings
from services.store import Reader, Recorder, database_path, reading_engine
from tests.support.databases import migrated_engine

NOW = 1_795_342_272_123_456


@pytest.fixture
def writing(settings: Settings) -> Iterator[Engine]:
    """Return an engine that writes, with the newest schema."""
    engine = migrated_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def file(
    settings: Settings,
    writing: Engine,  # noqa: ARG001 (makes the tables)
) -> Iterator[sqlite3.Connection]:
    """Return the database file as another program opens it."""
    with closing(sqlite3.connect(database_path(settings))) as connection:
        yield connection


@pytest.fixture
def reading(settings: Settings) -> Engine:
    """Return an engine that reads the same file."""
    return reading_engine(settings)


@pytest.fixture
def recorder(writing: Engine) -> Recorder:
    """Return a recorder whose clock stands still at NOW."""
    return Recorder(writing, "readings:journal", lambda: NOW)


@pytest.fixture
def reader(reading: Engine) -> Reader:
    """Return a reader of the same file."""
    return Reader(reading, "readings:journal")
