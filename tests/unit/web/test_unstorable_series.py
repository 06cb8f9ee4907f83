"""The report of series that can't be stored."""

import fakeredis

from services.broker import Broker, Journal
from services.web.write.unstorable_series import UnstorableSeriesReport
from tests.support.journals import dead_letters


def test_series_is_reported_again_after_an_hour(broker: Broker) -> None:
    seconds = 0.0
    report = UnstorableSeriesReport(Journal(broker), lambda: seconds)
    for _ in range(2):
        report.report([(b"a,b=c x=1", "too long")], 1)
    assert len(dead_letters(broker)) == 1
    seconds = 3_600.0
    report.report([(b"a,b=c x=2", "too long")], 1)
    assert len(dead_letters(broker)) == 2


def test_report_is_repeated_after_an_outage_of_redis(
    broker: Broker, server: fakeredis.FakeServer
) -> None:
    report = UnstorableSeriesReport(Journal(broker))
    server.connected = False
    report.report([(b"a x=1", "too long")], 1)
    server.connected = True
    report.report([(b"a x=1", "too long")], 1)
    assert len(dead_letters(broker)) == 1


def test_each_field_of_a_line_is_a_series(broker: Broker) -> None:
    line = rb"a\ b,c=d x=1,y=2"
    UnstorableSeriesReport(Journal(broker)).report(
        [(line, "x is too long"), (line, "y is too long")], 2
    )
    assert [reason for _, reason, _ in dead_letters(broker)] == ["x is too long", "y is too long"]
