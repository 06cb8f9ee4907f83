"""Commits of batches, together with the checkpoint."""

import math
import sqlite3

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from services.command import Rename
from services.errors import StoreUnavailableError
from services.point import SeriesPoint, SeriesPoints
from services.position import Checkpoint, Cursor, EntryId, Gap
from services.reading import Reading
from services.store import Recorder, WriteBatch

NOW = 1_795_342_272_123_456
FIRST = Cursor("a", EntryId(9, 1))
SECOND = Cursor("a", EntryId(10, 0))


def stored(file: sqlite3.Connection) -> list[tuple[str, int, float]]:
    return file.execute(
        "SELECT name, ts, value FROM readings JOIN series ON id = series_id ORDER BY name, ts"
    ).fetchall()


def units(file: sqlite3.Connection) -> dict[str, str | None]:
    return dict(file.execute("SELECT name, unit FROM series").fetchall())


def test_new_database_has_no_checkpoint(recorder: Recorder) -> None:
    assert recorder.checkpoint() is None


def test_commit_stores_readings_and_checkpoint(
    recorder: Recorder, file: sqlite3.Connection
) -> None:
    recorder.commit(
        WriteBatch([Reading("a", 1, 1.5), Reading("b", 1, -2.0)]), Checkpoint(FIRST, 3, 17)
    )
    assert stored(file) == [("a", 1, 1.5), ("b", 1, -2.0)]
    assert recorder.checkpoint() == (FIRST, 3, 17)
    assert file.execute("SELECT DISTINCT created_at FROM series").fetchall() == [(NOW,)]


def test_empty_batch_moves_checkpoint(recorder: Recorder) -> None:
    recorder.commit(WriteBatch(), Checkpoint(FIRST, 1, 1))
    recorder.commit(WriteBatch(), Checkpoint(SECOND, 2, 2))
    assert recorder.checkpoint() == (SECOND, 2, 2)


def test_each_journal_has_its_own_checkpoint(recorder: Recorder, writing: Engine) -> None:
    other = Recorder(writing, "other:journal", lambda: NOW)
    recorder.commit(WriteBatch(), Checkpoint(FIRST, 1, 1))
    assert other.checkpoint() is None
    other.commit(WriteBatch(), Checkpoint(SECOND, 2, 2))
    assert recorder.checkpoint() == (FIRST, 1, 1)


def test_last_value_of_a_time_is_stored(recorder: Recorder, file: sqlite3.Connection) -> None:
    recorder.commit(
        WriteBatch([Reading("a", 1, 1.0), Reading("a", 1, 2.0)]), Checkpoint(FIRST, 1, 2)
    )
    assert stored(file) == [("a", 1, 2.0)]
    recorder.commit(
        WriteBatch([Reading("a", 1, 3.0), Reading("a", 2, 4.0)]), Checkpoint(SECOND, 2, 4)
    )
    assert stored(file) == [("a", 1, 3.0), ("a", 2, 4.0)]


def test_values_are_stored_exactly(recorder: Recorder, file: sqlite3.Connection) -> None:
    values = [0.1, -0.0, 5e-324, 1.7976931348623157e308, float(2**53 + 1), 1 / 3]
    recorder.commit(
        WriteBatch([Reading("a", i, v) for i, v in enumerate(values)]), Checkpoint(FIRST, 1, 6)
    )
    assert [row[2] for row in stored(file)] == values


def test_reading_with_unit_changes_unit_of_series(
    recorder: Recorder, file: sqlite3.Connection
) -> None:
    recorder.commit(
        WriteBatch([Reading("a", 1, 1.0), Reading("b", 1, 1.0, "V")]), Checkpoint(FIRST, 1, 2)
    )
    assert units(file) == {"a": None, "b": "V"}
    # A reading without a unit does not change the unit of its series.
    recorder.commit(
        WriteBatch([Reading("a", 2, 1.0, "°C"), Reading("b", 2, 1.0)]), Checkpoint(FIRST, 2, 4)
    )
    assert units(file) == {"a": "°C", "b": "V"}
    recorder.commit(
        WriteBatch([Reading("b", 3, 1.0, "mV"), Reading("b", 4, 1.0, "kV")]),
        Checkpoint(FIRST, 3, 6),
    )
    assert units(file) == {"a": "°C", "b": "kV"}


def test_existing_series_are_found_after_restart(
    recorder: Recorder, writing: Engine, file: sqlite3.Connection
) -> None:
    recorder.commit(WriteBatch([Reading("a", 1, 1.0, "V")]), Checkpoint(FIRST, 1, 1))
    restarted = Recorder(writing, "readings:journal", lambda: NOW + 1)
    restarted.commit(
        WriteBatch([Reading("a", 2, 2.0), Reading("b", 2, 2.0)]), Checkpoint(SECOND, 2, 3)
    )
    assert stored(file) == [("a", 1, 1.0), ("a", 2, 2.0), ("b", 2, 2.0)]
    assert units(file) == {"a": "V", "b": None}
    assert file.execute("SELECT created_at FROM series WHERE name = 'a'").fetchone() == (NOW,)


def test_similar_names_are_different_series(recorder: Recorder, file: sqlite3.Connection) -> None:
    names = ["Ä", "ä", "a", "A", "a ", "a%", "a_", "'; DROP TABLE readings --"]
    recorder.commit(WriteBatch([Reading(name, 1, 1.0) for name in names]), Checkpoint(FIRST, 1, 1))
    assert {row[0] for row in stored(file)} == set(names)


def test_gaps_are_recorded(recorder: Recorder, file: sqlite3.Connection) -> None:
    gaps = [Gap(1, 2, 3, "trimmed"), Gap(None, 4, None, "replaced")]
    recorder.commit(WriteBatch(gaps=gaps), Checkpoint(FIRST, 1, 1))
    rows = file.execute("SELECT from_ts, to_ts, count, reason, noted_at FROM gaps").fetchall()
    assert rows == [(1, 2, 3, "trimmed", NOW), (None, 4, None, "replaced", NOW)]


class TestFailedCommit:
    """Rows and checkpoint are stored together or not at all."""

    @pytest.fixture(autouse=True)
    def first_commit(self, recorder: Recorder) -> None:
        recorder.commit(WriteBatch([Reading("a", 1, 1.0, "V")]), Checkpoint(FIRST, 1, 1))

    def unchanged(self, recorder: Recorder, file: sqlite3.Connection) -> bool:
        return (
            stored(file) == [("a", 1, 1.0)]
            and units(file) == {"a": "V"}
            and file.execute("SELECT * FROM gaps").fetchall() == []
            and recorder.checkpoint() == (FIRST, 1, 1)
        )

    def test_failed_insert_changes_nothing(
        self, recorder: Recorder, file: sqlite3.Connection
    ) -> None:
        # SQLite stores NaN as NULL, which fails the whole batch.
        bad = [Reading("a", 2, 2.0, "mV"), Reading("b", 2, math.nan)]
        with pytest.raises(IntegrityError):
            recorder.commit(WriteBatch(bad, [Gap(1, 2, 3, "lost")]), Checkpoint(SECOND, 2, 3))
        assert self.unchanged(recorder, file)

    def test_failed_checkpoint_changes_nothing(
        self, recorder: Recorder, file: sqlite3.Connection
    ) -> None:
        file.execute(
            "CREATE TRIGGER no BEFORE UPDATE ON journal_position"
            " BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
        with pytest.raises(IntegrityError, match="not now"):
            recorder.commit(WriteBatch([Reading("b", 2, 2.0, "V")]), Checkpoint(SECOND, 2, 2))
        assert self.unchanged(recorder, file)

    def test_same_batch_succeeds_after_failure(
        self, recorder: Recorder, file: sqlite3.Connection
    ) -> None:
        trigger = "CREATE TRIGGER no BEFORE INSERT ON gaps BEGIN SELECT RAISE(ABORT, 'no'); END"
        file.execute(trigger)
        batch = WriteBatch(
            [Reading("a", 2, 2.0, "mV"), Reading("b", 2, 2.0)], [Gap(1, 2, 3, "lost")]
        )
        with pytest.raises(IntegrityError):
            recorder.commit(batch, Checkpoint(SECOND, 2, 3))
        assert self.unchanged(recorder, file)
        file.execute("DROP TRIGGER no")
        recorder.commit(batch, Checkpoint(SECOND, 2, 3))
        assert stored(file) == [("a", 1, 1.0), ("a", 2, 2.0), ("b", 2, 2.0)]
        assert units(file) == {"a": "mV", "b": None}
        assert recorder.checkpoint() == (SECOND, 2, 3)

    def test_full_disk_changes_nothing_until_it_has_space(
        self, recorder: Recorder, writing: Engine, file: sqlite3.Connection
    ) -> None:
        (page_count,) = file.execute("PRAGMA page_count").fetchone()
        with writing.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {page_count}")
        many = WriteBatch([Reading("a", ts, 1.0) for ts in range(2, 5_000)])
        for _ in range(2):
            with pytest.raises(StoreUnavailableError, match="disk of the database is full"):
                recorder.commit(many, Checkpoint(SECOND, 2, 5_000))
            assert self.unchanged(recorder, file)
        with writing.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        recorder.commit(many, Checkpoint(SECOND, 2, 5_000))
        assert len(stored(file)) == 4_999


class TestTags:
    """The column `tags`: the point of a series that came in line protocol."""

    POINT = SeriesPoint("°C", "value", {"domain": "sensor", "entity_id": "a"})
    STORED = '{"measurement":"°C","field":"value","tags":{"domain":"sensor","entity_id":"a"}}'

    @staticmethod
    def commit(recorder: Recorder, names: list[str], points: SeriesPoints) -> None:
        readings = [Reading(name, 1, 1.0) for name in names]
        recorder.commit(WriteBatch(readings, points=points), Checkpoint(FIRST, 1, 1))

    @staticmethod
    def tags(file: sqlite3.Connection) -> dict[str, str | None]:
        return dict(file.execute("SELECT name, tags FROM series").fetchall())

    def test_new_series_has_its_point(self, recorder: Recorder, file: sqlite3.Connection) -> None:
        self.commit(
            recorder, ["json", "sensor.a", "m,a=b f"], {"sensor.a": self.POINT, "m,a=b f": None}
        )
        assert self.tags(file) == {
            "json": None,
            "sensor.a": self.STORED,
            "m,a=b f": '{"measurement":"m","field":"f","tags":{"a":"b"}}',
        }

    def test_existing_series_gets_its_point_and_keeps_it(
        self, recorder: Recorder, file: sqlite3.Connection, writing: Engine
    ) -> None:
        self.commit(recorder, ["sensor.a"], {})
        for same in (recorder, Recorder(writing, "j", lambda: NOW)):
            self.commit(same, ["sensor.a"], {"sensor.a": self.POINT})
            assert self.tags(file) == {"sensor.a": self.STORED}
            other = SeriesPoint("°F", "value", self.POINT.tags)
            self.commit(same, ["sensor.a"], {"sensor.a": other})
            assert self.tags(file) == {"sensor.a": self.STORED}

    def test_point_of_another_name_is_not_stored(
        self, recorder: Recorder, file: sqlite3.Connection
    ) -> None:
        self.commit(recorder, ["b"], {"b": self.POINT})
        self.commit(recorder, ["b"], {"b": self.POINT})
        assert self.tags(file) == {"b": None}

    def test_renamed_series_keeps_its_tags(
        self, recorder: Recorder, file: sqlite3.Connection
    ) -> None:
        self.commit(recorder, ["sensor.a"], {"sensor.a": self.POINT})
        recorder.commit(WriteBatch(command=Rename("sensor.a", "attic")), Checkpoint(SECOND, 2, 2))
        self.commit(recorder, ["attic"], {})
        assert self.tags(file) == {"attic": self.STORED}
