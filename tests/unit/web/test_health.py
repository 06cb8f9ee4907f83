"""Readiness of the service, and the losses that it reports."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Broker, CaughtUp, Disconnected, Journal, Message
from services.clock import now_microseconds
from services.errors import BrokerRefusedError, BrokerUnavailableError
from services.position import Gap
from services.reading import MICROSECONDS, Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from services.web.app import create_app
from services.web.services import web_services
from tests.support.databases import migrated_engine

Commit = Callable[[int, WriteBatch], None]


@pytest.fixture
def commit(settings: Settings, broker: Broker) -> Commit:
    """Store a batch at a time in microseconds, as a writer would that takes one series."""
    engine = migrated_engine(settings)
    end = Journal(broker).end()

    def commit(now: int, batch: WriteBatch) -> None:
        Recorder(engine, "readings:journal", lambda: now, 1).commit(batch, end)

    return commit


def readiness(client: FlaskClient) -> dict[str, Any]:
    """Return the document of `/readyz`, whose status must agree with it."""
    response = client.get("/readyz")
    document: dict[str, Any] = response.get_json()
    assert (response.status_code == 200) is document["ok"]
    return document


def test_readyz_requires_writer_at_current_journal(
    client: FlaskClient, broker: Broker, settings: Settings
) -> None:
    assert readiness(client)["writer"]["ok"] is False
    engine = migrated_engine(settings)
    recorder = Recorder(engine, "readings:journal", now_microseconds)
    end = Journal(broker).end()
    recorder.commit(WriteBatch(), end)
    assert client.get("/readyz").status_code == 200
    recorder.commit(WriteBatch(), end._replace(cursor=end.cursor._replace(epoch="another")))
    assert client.get("/readyz").status_code == 503


def test_readyz_names_what_redis_refuses_to_the_live_stream(
    app: Flask, client: FlaskClient, commit: Commit
) -> None:
    commit(now_microseconds(), WriteBatch())
    assert readiness(client)["ok"] is True
    relay = web_services(app).broadcaster.relay
    relay.apply(Disconnected(BrokerUnavailableError("Redis can't be used")))
    assert readiness(client)["ok"] is True, "it may be back already"
    relay.apply(Disconnected(BrokerRefusedError("bob may not subscribe")))
    document = readiness(client)
    error = "bob may not subscribe"
    assert document["redis"] == {"ok": False, "answers": True, "refused": True, "error": error}
    relay.apply(CaughtUp())
    assert readiness(client)["ok"] is True


def test_readyz_without_database_reports_no_losses(client: FlaskClient) -> None:
    document = readiness(client)
    assert document["gaps"] == {"count": 0, "newest": None}
    assert document["refused"] == 0


def test_readyz_reports_gaps_of_last_day_and_stays_ready(
    client: FlaskClient, commit: Commit
) -> None:
    now = now_microseconds()
    commit(now - 90_000 * MICROSECONDS, WriteBatch(gaps=[Gap(1, 2, 3, "long ago")]))
    assert readiness(client)["gaps"] == {"count": 0, "newest": None}
    gaps = [Gap(1_000_000, 2_500_000, 12, "trimmed"), Gap(None, 4_000_000, None, "new journal")]
    commit(now, WriteBatch(gaps=gaps))
    document = readiness(client)
    assert document["ok"] is True
    assert document["gaps"] == {
        "count": 2,
        "newest": {
            "from": None,
            "to": 4.0,
            "count": None,
            "reason": "new journal",
            "noted_at": now / MICROSECONDS,
        },
    }


def test_status_has_document_of_readyz_and_is_never_503(client: FlaskClient) -> None:
    responses = client.get("/readyz"), client.get("/api/status")
    assert [response.status_code for response in responses] == [503, 200]
    # Other processes may have written to the disk in between.
    documents = [response.get_json() for response in responses]
    free = [document["storage"].pop("free") for document in documents]
    assert all(size > 0 for size in free)
    assert documents[0] == documents[1]


def test_readyz_reports_refused_readings_and_stays_ready(
    client: FlaskClient, commit: Commit
) -> None:
    commit(now_microseconds(), WriteBatch([Reading(name, 1, 1.0) for name in ("a", "b", "c")]))
    document = readiness(client)
    assert document["ok"] is True
    assert document["refused"] == 2


def test_readyz_reports_disk_usage_and_growth(client: FlaskClient, commit: Commit) -> None:
    now = now_microseconds()
    readings = [Reading("a", now - i * MICROSECONDS, 1.0) for i in range(100)]
    commit(now - 100 * MICROSECONDS, WriteBatch(readings))
    document = readiness(client)
    storage = document["storage"]
    assert document["ok"] is True
    assert storage["low"] is (storage["note"] is not None)
    assert storage["size"] > 50_000
    assert storage["free"] > 0
    assert storage["per_day"] == pytest.approx(28 * 86_400, rel=0.2)


def test_low_disk_is_reported_and_stays_ready(
    settings: Settings, broker: Broker, commit: Commit
) -> None:
    commit(now_microseconds(), WriteBatch())
    client = create_app(replace(settings, low_disk_bytes=10**18), broker).test_client()
    document = readiness(client)
    assert document["ok"] is True
    assert document["storage"]["low"] is True
    assert document["storage"]["note"].endswith(" free")


def test_readyz_reports_lag_of_writer(client: FlaskClient, broker: Broker, commit: Commit) -> None:
    commit(now_microseconds(), WriteBatch())
    Journal(broker).publish(Message.of([Reading("a", 1, 1.0)]))
    assert 0 <= readiness(client)["writer"]["behind_seconds"] < 10
