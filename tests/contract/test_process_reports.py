"""Reports of processes in Redis: one for each living process, under a number of its own."""

from typing import Any

import pytest

from services.broker import Broker
from services.broker.process_reports import MAX_AGE_SECONDS, ProcessReports
from services.broker.reporter import Reporter
from services.metric import Sample
from services.metric_table import READINGS_STORED, VIEWERS
from services.process_report import encode_report
from tests.support.redis_server import RedisServer

REPORTS = "readings:reports"


@pytest.fixture
def reports(broker: Broker) -> ProcessReports:
    return ProcessReports(broker)


def report_of(viewers: int) -> bytes:
    return encode_report("1.0", [Sample(VIEWERS, viewers)], {})


def age(broker: Broker, field: str, seconds: int) -> None:
    """Let a report be older."""
    client: Any = broker.client
    at, rest = client.hget(REPORTS, field).split(b" ", 1)
    client.hset(REPORTS, field, b"%d %b" % (int(at) - seconds, rest))


def test_each_process_keeps_its_number(reports: ProcessReports) -> None:
    assert reports.publish("web", "a", report_of(1)) == 1
    assert reports.publish("web", "b", report_of(2)) == 2
    assert reports.publish("writer", "c", report_of(3)) == 1
    assert reports.publish("web", "b", report_of(4)) == 2
    found = [(each.process, each.number, each.value(VIEWERS.name)) for each in reports.read()]
    assert found == [("web", 1, 1.0), ("web", 2, 4.0), ("writer", 1, 3.0)]


def test_number_of_a_process_that_ended_is_given_again(reports: ProcessReports) -> None:
    reports.publish("web", "a", report_of(1))
    reports.publish("web", "b", report_of(2))
    reports.publish("web", "a", b"")
    assert [each.number for each in reports.read()] == [2]
    assert reports.publish("web", "c", report_of(3)) == 1


def test_report_of_a_killed_process_is_removed_when_it_is_old(
    reports: ProcessReports, broker: Broker
) -> None:
    reports.publish("web", "a", report_of(1))
    age(broker, "web 1", MAX_AGE_SECONDS - 2)
    assert reports.publish("web", "b", report_of(2)) == 2
    age(broker, "web 1", 4)
    reports.publish("writer", "c", report_of(3))
    assert [(each.process, each.number) for each in reports.read()] == [("web", 2), ("writer", 1)]


def test_what_other_programs_wrote_is_removed(reports: ProcessReports, broker: Broker) -> None:
    client: Any = broker.client
    client.hset(REPORTS, mapping={"web x": "1", "web 1": b"\xff", "Web 7": "99999999999 a {}"})
    reports.publish("web", "a", report_of(1))
    assert [(each.process, each.number) for each in reports.read()] == [("web", 1)]
    assert client.hlen(REPORTS) == 1


def test_what_is_no_report_is_left_out(reports: ProcessReports, broker: Broker) -> None:
    reports.publish("web", "a", b'{"version": "1"}')
    reports.publish("web", "b", b"[" * 50_000)
    reports.publish("other", "c", report_of(1))
    reports.publish("writer", "d", report_of(1))
    assert [(each.process, each.number) for each in reports.read()] == [("writer", 1)]
    broker.client.set(REPORTS, "of another program")
    Reporter(broker, "web", list).report()


def test_process_reports_its_own_use_and_its_samples(broker: Broker) -> None:
    now, stored = 100.0, 0
    reporter = Reporter(broker, "writer", lambda: [Sample(READINGS_STORED, stored)], lambda: now)
    reporter.report()
    now, stored = 110.0, 50
    reporter.report()
    (report,) = ProcessReports(broker).read()
    assert report.value(READINGS_STORED.name) == 50.0
    assert report.rates[READINGS_STORED.name] == 5.0
    assert (report.value("stripchart_process_start_time_seconds") or 0) > 1.7e9
    assert (report.value("stripchart_process_cpu_seconds_total") or 0) > 0
    reporter.end()
    reporter.report()
    assert ProcessReports(broker).read() == []


def test_process_goes_on_if_it_cannot_make_its_report(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    fails = True

    def collect() -> list[Sample]:
        if fails:
            raise ZeroDivisionError
        return []

    reporter = Reporter(broker, "web", collect)
    for _ in range(2):
        reporter.report()
    fails = False
    reporter.report()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "metrics not shared: ZeroDivisionError" in caplog.text
    assert len(ProcessReports(broker).read()) == 1


@pytest.mark.redis
def test_reports_are_not_written_to_the_disk(own_broker: Broker, redis_server: RedisServer) -> None:
    """A report every two seconds from each process would cost more than the readings do."""
    client: Any = redis_server.client
    client.config_set("appendonly", "yes")
    reports = ProcessReports(own_broker)
    reports.publish("web", "a", report_of(0))
    before = client.info("persistence")["aof_current_size"]
    for number in range(50):
        assert reports.publish("web", "a", report_of(number)) == 1
    client.set("x", "y")
    assert 0 < client.info("persistence")["aof_current_size"] - before < 200
