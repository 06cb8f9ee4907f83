"""What is told about losses: in readyz, and beside the history that they are missing from."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient

from services.broker import Broker, Journal, Message
from services.clock import now_microseconds
from services.position import Checkpoint, Cursor, EntryId, Gap
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import (
    LossSummary,
    Reader,
    RecordedGap,
    Recorder,
    TimeRange,
    WriteBatch,
    writing_engine,
)
from services.store.migrations import upgrade
from services.store.query.gaps import MAX_GAPS
from services.web.app import create_app
from tests.unit.conftest import NOW

POSITION = Checkpoint(Cursor("a", EntryId(9, 1)), 1, 1)


class TestAnswers:
    """What a client is told."""

    @pytest.fixture
    def broker(self, settings: Settings) -> Broker:
        return Broker(fakeredis.FakeRedis(server=fakeredis.FakeServer()), settings)

    @pytest.fixture
    def client(self, settings: Settings, broker: Broker) -> FlaskClient:
        return create_app(settings, broker).test_client()

    @pytest.fixture
    def note(self, settings: Settings, broker: Broker) -> Callable[[int, WriteBatch], None]:
        """Put a batch into the database at a time, as the writer would."""
        engine = writing_engine(settings)
        upgrade(engine)
        end = Journal(broker).end()

        def commit(now: int, batch: WriteBatch) -> None:
            Recorder(engine, "readings:journal", lambda: now, 1).commit(batch, end)

        return commit

    def ready(self, client: FlaskClient) -> dict[str, Any]:
        answer = client.get("/readyz")
        document: dict[str, Any] = answer.get_json()
        assert (answer.status_code == 200) is document["ok"]
        return document

    def test_without_a_database_nothing_is_lost(self, client: FlaskClient) -> None:
        document = self.ready(client)
        assert document["gaps"] == {"count": 0, "newest": None}
        assert document["refused"] == 0

    def test_readyz_tells_what_was_lost_in_a_day_and_stays_ready(
        self, client: FlaskClient, note: Callable[[int, WriteBatch], None]
    ) -> None:
        now = now_microseconds()
        note(now - 90_000 * MICROSECONDS, WriteBatch(gaps=[Gap(1, 2, 3, "long ago")]))
        assert self.ready(client)["gaps"] == {"count": 0, "newest": None}
        lost = [Gap(1_000_000, 2_500_000, 12, "trimmed"), Gap(None, 4_000_000, None, "anew")]
        note(now, WriteBatch(gaps=lost))
        document = self.ready(client)
        assert document["ok"] is True
        assert document["gaps"] == {
            "count": 2,
            "newest": {
                "from": None,
                "to": 4.0,
                "count": None,
                "reason": "anew",
                "noted_at": now / MICROSECONDS,
            },
        }

    def test_a_page_is_told_the_same_and_never_503(self, client: FlaskClient) -> None:
        ready = client.get("/readyz")
        told = client.get("/api/status")
        assert ready.status_code == 503
        assert told.status_code == 200
        # Meanwhile others may have written to the disk.
        documents = [answer.get_json() for answer in (ready, told)]
        free = [document["storage"].pop("free") for document in documents]
        assert all(size > 0 for size in free)
        assert documents[0] == documents[1]

    def test_readyz_tells_how_many_readings_were_refused(
        self, client: FlaskClient, note: Callable[[int, WriteBatch], None]
    ) -> None:
        note(now_microseconds(), WriteBatch([Reading(name, 1, 1.0) for name in ("a", "b", "c")]))
        document = self.ready(client)
        assert document["ok"] is True
        assert document["refused"] == 2

    def test_readyz_tells_what_the_database_takes(
        self, client: FlaskClient, note: Callable[[int, WriteBatch], None]
    ) -> None:
        now = now_microseconds()
        minute = [Reading("a", now - i * MICROSECONDS, 1.0) for i in range(100)]
        note(now - 100 * MICROSECONDS, WriteBatch(minute))
        document = self.ready(client)
        storage = document["storage"]
        assert document["ok"] is True
        assert storage["low"] is (storage["note"] is not None)
        assert storage["size"] > 50_000
        assert storage["free"] > 0
        assert storage["per_day"] == pytest.approx(28 * 86_400, rel=0.2)

    def test_a_disk_that_gets_full_leaves_it_ready(
        self, settings: Settings, broker: Broker, note: Callable[[int, WriteBatch], None]
    ) -> None:
        note(now_microseconds(), WriteBatch())
        client = create_app(replace(settings, low_disk_bytes=10**18), broker).test_client()
        document = self.ready(client)
        assert document["ok"] is True
        assert document["storage"]["low"] is True
        assert document["storage"]["note"].endswith(" free")

    def test_a_writer_that_hangs_is_told(
        self, client: FlaskClient, broker: Broker, note: Callable[[int, WriteBatch], None]
    ) -> None:
        note(now_microseconds(), WriteBatch())
        Journal(broker).publish(Message.of([Reading("a", 1, 1.0)]))
        assert 0 <= self.ready(client)["writer"]["behind_seconds"] < 10

    def test_history_brings_the_gaps_of_its_range(
        self, client: FlaskClient, note: Callable[[int, WriteBatch], None]
    ) -> None:
        lost = [
            Gap(20_000_000, 30_000_000, 12, "trimmed"),
            Gap(None, 5_000_000, None, "anew"),
            Gap(50_000_000, 60_000_000, 1, "later"),
        ]
        note(NOW, WriteBatch(gaps=lost))
        trimmed = {"from": 20.0, "to": 30.0, "count": 12, "reason": "trimmed"}
        anew = {"from": None, "to": 5.0, "count": None, "reason": "anew"}
        later = {"from": 50.0, "to": 60.0, "count": 1, "reason": "later"}
        for query, expected in {
            "from=0&to=100": [anew, trimmed, later],
            "from=6&to=19": [],
            "from=6&to=20": [trimmed],
            "from=30&to=31": [trimmed],
            "from=31&to=49": [],
            "from=4&to=4": [anew],
            "from=25": [trimmed, later],
        }.items():
            assert client.get(f"/api/history?{query}").get_json()["gaps"] == expected, query


class TestReader:
    """What the database is asked."""

    def test_only_the_newest_gaps_are_answered(self, recorder: Recorder, reader: Reader) -> None:
        many = [Gap(i, i, 1, f"gap {i}") for i in range(MAX_GAPS + 50)]
        recorder.commit(WriteBatch(gaps=many), POSITION)
        gaps = reader.history([], TimeRange(0, None), 10, 10).gaps
        assert [gap.reason for gap in gaps] == [f"gap {i}" for i in range(50, MAX_GAPS + 50)]

    def test_a_gap_whose_end_a_clock_put_before_its_beginning(
        self, recorder: Recorder, reader: Reader
    ) -> None:
        recorder.commit(WriteBatch(gaps=[Gap(9, 4, 1, "set back")]), POSITION)
        (gap,) = reader.history([], TimeRange(5, 6), 10, 10).gaps
        assert gap == RecordedGap(4, 9, 1, "set back", NOW)

    def test_losses_since(self, recorder: Recorder, reader: Reader) -> None:
        recorder.commit(WriteBatch(gaps=[Gap(1, 2, 3, "lost")]), POSITION)
        assert reader.loss_summary(NOW) == LossSummary(1, RecordedGap(1, 2, 3, "lost", NOW), 0)
        assert reader.loss_summary(NOW + 1) == LossSummary(0, None, 0)
