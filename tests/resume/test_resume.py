"""Viewers that lose their connection and resume, each compared with the journal."""

from pathlib import Path

import pytest

from tests.resume.campaign import run
from tests.resume.checker import check_viewers, journal_end
from tests.resume.viewer_pool import ViewerPool
from tests.resume.web_cluster import WebCluster
from tests.support.redis_server import RedisServer
from tests.support.waiting import time_limit, wait_until

pytestmark = pytest.mark.redis

TIMEOUT_SECONDS = 40.0
SHARED_MACHINE_FACTOR = 3.0
"""Factor by which a shared machine may be slower than an idle one."""


@pytest.mark.long
def test_faults_and_disconnects_lose_no_reading(tmp_path: Path, redis_server: RedisServer) -> None:
    with WebCluster(tmp_path, redis_server, webs=2, rate=20) as cluster:
        report = run(cluster, viewers=30, disconnects=150, disconnects_per_second=40.0, seed=3)
    assert report.verdict.clean, str(report)


@pytest.mark.long
@pytest.mark.timeout(180)
def test_rolling_restart_loses_no_reading(tmp_path: Path, redis_server: RedisServer) -> None:
    with WebCluster(tmp_path, redis_server, webs=2, rate=50) as cluster:
        pool = ViewerPool(cluster.ports, 60, seed=4).start()
        wait_until("all viewers are greeted", lambda: pool.all_greeted, TIMEOUT_SECONDS)
        for web in cluster.webs.values():
            assert web.terminate() == 0
            web.start()
            wait_until("all viewers are back", lambda: pool.all_greeted, TIMEOUT_SECONDS)
        cluster.producer.terminate()
        client = redis_server.client
        pool.wait_until_at_end(lambda: journal_end(client), TIMEOUT_SECONDS)
        pool.stop()
    verdict = check_viewers(pool.viewers, redis_server.client)
    assert verdict.clean, verdict
    codes = [code for viewer in pool.viewers for code, _ in viewer.closes]
    assert set(codes) == {1012}
    # Each viewer was on one of them, and some were on both.
    assert len(codes) >= 60


@pytest.mark.long
@pytest.mark.timeout(180)
def test_restart_with_200_viewers_recovers_all_soon(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    with WebCluster(tmp_path, redis_server, webs=1, rate=20) as cluster:
        (web,) = cluster.webs.values()
        pool = ViewerPool(cluster.ports, 200, seed=5).start()
        wait_until("all viewers are greeted", lambda: pool.all_greeted, TIMEOUT_SECONDS)
        for end in (web.terminate, web.kill):
            disconnects = pool.disconnects
            end()
            with time_limit("all viewers are back", 5.0 * SHARED_MACHINE_FACTOR):
                web.start()
                pool.wait_until_all_are_back(disconnects, TIMEOUT_SECONDS)
            assert web.running, web.log_tail()
        cluster.producer.terminate()
        client = redis_server.client
        pool.wait_until_at_end(lambda: journal_end(client), TIMEOUT_SECONDS)
        pool.stop()
    verdict = check_viewers(pool.viewers, redis_server.client)
    assert verdict.clean, verdict
    assert verdict.readings > 200 * 20
