"""Settings of series in the database: they follow the series, not its name."""

import sqlite3

import pytest

from services.command import Command, Delete, Rename, SetSettings, SetUnit
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.series_settings import SeriesSettings
from services.store import Reader, Recorder, WriteBatch

DOOR = SeriesSettings("Front door", "state", 0, "#0b7285", {"0": "closed", "1": "open"})


class Series:
    """A database whose series are corrected one command after the other."""

    def __init__(self, recorder: Recorder, reader: Reader) -> None:
        self._recorder = recorder
        self._reader = reader
        self._entry = 0

    def record(self, *names: str) -> None:
        """Store a reading of each series."""
        self._commit(WriteBatch([Reading(name, 1, 1.0) for name in names]))

    def correct(self, command: Command) -> None:
        """Carry out a command."""
        self._commit(WriteBatch(command=command))

    def settings(self) -> dict[str, SeriesSettings]:
        """Return the settings of all series."""
        return {info.name: info.settings for info in self._reader.list_series()}

    def _commit(self, batch: WriteBatch) -> None:
        self._entry += 1
        cursor = Cursor("a", EntryId(self._entry, 0))
        self._recorder.commit(batch, Checkpoint(cursor, self._entry, self._entry))


@pytest.fixture
def series(recorder: Recorder, reader: Reader) -> Series:
    found = Series(recorder, reader)
    found.record("door", "kitchen")
    states = {"0": "closed", "1": "open"}
    found.correct(SetSettings("door", {"label": "Front door", "kind": "state", "decimals": 0}))
    found.correct(SetSettings("door", {"color": "#0b7285", "states": states}))
    return found


def test_settings_are_listed_and_those_that_are_not_named_stay(series: Series) -> None:
    assert series.settings() == {"door": DOOR, "kitchen": SeriesSettings()}
    series.correct(SetSettings("door", {"decimals": 2, "states": None}))
    series.correct(SetUnit("door", "V"))
    assert series.settings()["door"] == DOOR._replace(decimals=2, states=None)


def test_settings_stay_with_a_renamed_series(series: Series) -> None:
    series.correct(Rename("door", "gate"))
    series.record("door")
    expected = {"door": SeriesSettings(), "gate": DOOR, "kitchen": SeriesSettings()}
    assert series.settings() == expected


def test_deleted_series_leaves_no_settings(series: Series, file: sqlite3.Connection) -> None:
    series.correct(Delete("door"))
    assert file.execute("SELECT count(*) FROM series_settings").fetchone() == (0,)
    series.record("door")
    assert series.settings()["door"] == SeriesSettings()


def test_series_without_settings_has_no_row(series: Series, file: sqlite3.Connection) -> None:
    series.correct(
        SetSettings(
            "door", {"label": None, "kind": None, "decimals": None, "color": None, "states": None}
        )
    )
    series.correct(SetSettings("kitchen", {"label": None}))
    assert file.execute("SELECT count(*) FROM series_settings").fetchone() == (0,)
    assert series.settings()["door"] == SeriesSettings()


def test_words_that_another_program_has_damaged_are_ignored(
    series: Series, file: sqlite3.Connection
) -> None:
    for states in ("{", "[]", '{"1":2}'):
        with file:
            file.execute("UPDATE series_settings SET states = ?", [states])
        assert series.settings()["door"] == DOOR._replace(states=None)
