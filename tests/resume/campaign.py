"""A campaign: viewers of several web services that are killed, restarted and reloaded."""

import os
import random
import signal
import time
from collections import Counter
from typing import Any, Final, NamedTuple

from tests.resume.checker import Verdict, check_viewers, journal_end
from tests.resume.viewer_pool import ViewerPool
from tests.resume.web_cluster import WebCluster
from tests.support.waiting import wait_until

_TIMEOUT_SECONDS: Final = 120.0
_REDIS_DOWN_SECONDS: Final = 0.5
_EXTERNAL_MESSAGES: Final = 10


class Report(NamedTuple):
    """The result of a campaign.

    Attributes:
        disconnects: The number of connections that ended.
        faults: The number of injected faults by kind.
        verdict: What the checker found.
        seconds: The duration.
    """

    disconnects: int
    faults: Counter[str]
    verdict: Verdict
    seconds: float

    def __str__(self) -> str:
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        verdict = self.verdict
        return (
            f"{self.disconnects} disconnects in {self.seconds:.0f} s ({faults});"
            f" of {verdict.readings} readings {verdict.missing} missing,"
            f" {verdict.duplicates} duplicates, {verdict.disorders} series out of order"
            + "".join(f"; {other}" for other in verdict.others)
        )


class FaultInjector:
    """Injects random faults into a cluster while viewers are connected.

    Attributes:
        faults: The number of faults by kind.
    """

    def __init__(self, cluster: WebCluster, seed: int) -> None:
        self._cluster = cluster
        self._random = random.Random(seed)
        self.faults: Counter[str] = Counter()

    def inject(self) -> None:
        """Inject one fault."""
        port = self._random.choice(self._cluster.ports)
        fault = self._random.choice(
            [
                self._kill_web,
                self._restart_web,
                self._reload_web,
                self._cut_subscriptions,
                self._restart_redis,
                self._publish_external,
            ]
        )
        self.faults[fault.__name__.removeprefix("_").replace("_", " ")] += 1
        fault(port)

    def _kill_web(self, port: int) -> None:
        web = self._cluster.webs[port]
        web.kill()
        web.start()

    def _restart_web(self, port: int) -> None:
        web = self._cluster.webs[port]
        web.terminate()
        web.start()

    def _reload_web(self, port: int) -> None:
        # Before it is ready, the signal would end the service.
        wait_until("web answers", lambda: self._cluster.answers(port), _TIMEOUT_SECONDS)
        os.kill(self._cluster.webs[port].pid, signal.SIGHUP)

    def _cut_subscriptions(self, _port: int) -> None:
        self._cluster.redis.client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    def _restart_redis(self, _port: int) -> None:
        self._cluster.redis.kill()
        time.sleep(_REDIS_DOWN_SECONDS)
        self._cluster.redis.start()

    def _publish_external(self, _port: int) -> None:
        # The writer bridges these into the journal, and announces them on the other channel.
        for value in range(_EXTERNAL_MESSAGES):
            message = f'{{"series":"kitchen","value":{value}}}'
            self._cluster.redis.client.publish("readings", message)


def run(
    cluster: WebCluster, viewers: int, disconnects: int, disconnects_per_second: float, seed: int
) -> Report:
    """Let viewers disconnect while faults are injected, and compare what each has received.

    Args:
        cluster: The running cluster.
        viewers: The number of viewers.
        disconnects: The minimum number of connections that end.
        disconnects_per_second: The rate at which viewers disconnect on their own.
        seed: The seed of all random numbers.

    Raises:
        AssertionError: The viewers did not connect or did not reach the end of the journal.
    """
    start, redis = time.monotonic(), cluster.redis
    injector = FaultInjector(cluster, seed)
    pool = ViewerPool(cluster.ports, viewers, seed).start()
    try:
        wait_until("all viewers are greeted", lambda: pool.all_greeted, _TIMEOUT_SECONDS)
        pool.disconnects_per_second = disconnects_per_second
        pauses = random.Random(seed)
        while pool.disconnects < disconnects:
            assert pool.failure is None, pool.failure
            injector.inject()
            time.sleep(pauses.uniform(0.2, 2.0))
        pool.disconnects_per_second = 0.0
        cluster.producer.terminate()
        end: Any = None

        def all_at_end() -> bool:
            nonlocal end
            end = journal_end(redis.client)
            return pool.all_at(end)

        wait_until("all viewers are at the end of the journal", all_at_end, _TIMEOUT_SECONDS)
    except AssertionError as error:
        cursors = Counter((viewer.greeted, viewer.cursor) for viewer in pool.viewers)
        raise AssertionError(f"{error}; greeted and cursor of the viewers: {cursors}") from error
    finally:
        pool.stop()
    verdict = check_viewers(pool.viewers, redis.client)
    return Report(pool.disconnects, injector.faults, verdict, time.monotonic() - start)
