"""Viewers who lose their connection in every way, each compared with the journal."""

from pathlib import Path

import pytest

from tests.resume.campaign import run, services
from tests.resume.crowd import Crowd
from tests.resume.journal import end_of_journal, judge
from tests.support.servers import RedisServer, promised, wait_until

pytestmark = pytest.mark.redis

PATIENCE = 40.0
SLACK = 3.0
"""How much slower than one's own a shared machine may be."""


def test_nobody_misses_anything(tmp_path: Path, redis_server: RedisServer) -> None:
    with services(tmp_path, redis_server, 2, rate=20) as made:
        report = run(made, viewers=30, disconnects=150, churn=40.0, seed=3)
    assert report.verdict.clean, str(report)


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_rolling_restart_loses_nothing_for_anybody(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with services(tmp_path, redis_server, 2, rate=50) as made:
        crowd = Crowd(list(made.webs), 60, seed=4).start()
        wait_until("all are greeted", lambda: crowd.all_greeted, PATIENCE)
        for web in made.webs.values():
            assert web.terminate() == 0
            web.start()
            wait_until("all are back", lambda: crowd.all_greeted, PATIENCE)
        made.quiet()
        client = redis_server.client
        wait_until("all is seen", lambda: crowd.all_at(end_of_journal(client)), PATIENCE)
        crowd.stop()
    verdict = judge(crowd.viewers, redis_server.client)
    assert verdict.clean, verdict
    closes = [code for viewer in crowd.viewers for code, _ in viewer.closes]
    assert set(closes) == {1012}
    # Each viewer was on one of them, and some on both.
    assert len(closes) >= 60


@pytest.mark.long
@pytest.mark.timeout(180)
def test_200_viewers_are_back_soon_after_a_restart(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with services(tmp_path, redis_server, 1, rate=20) as made:
        (web,) = made.webs.values()
        crowd = Crowd(list(made.webs), 200, seed=5).start()
        wait_until("all are greeted", lambda: crowd.all_greeted, PATIENCE)
        for end in (web.terminate, web.kill):
            end()
            with promised("all are back", 5.0 * SLACK):
                web.start()
                wait_until("all are back", lambda: crowd.all_recovered, PATIENCE)
        made.quiet()
        client = redis_server.client
        wait_until("all is seen", lambda: crowd.all_at(end_of_journal(client)), PATIENCE)
        crowd.stop()
    verdict = judge(crowd.viewers, redis_server.client)
    assert verdict.clean, verdict
    assert verdict.readings > 200 * 20
