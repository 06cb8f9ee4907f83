"""A campaign: a crowd on two web services, which are killed, restarted and reloaded in turns."""

import os
import random
import signal
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.resume.crowd import Crowd
from tests.resume.journal import Verdict, end_of_journal, judge
from tests.support.servers import RedisServer, Service, free_port, wait_until

_PATIENCE: Final = 120.0
_REDIS_DOWN_SECONDS: Final = 0.5


@dataclass
class Services:
    """Redis, a producer, a writer, and web services on ports of their own."""

    folder: Path
    redis: RedisServer
    webs: dict[int, Service] = field(default_factory=dict)
    others: list[Service] = field(default_factory=list)

    def service(self, name: str, **environment: str) -> Service:
        """Start one more process."""
        settings = {"REDIS_URL": self.redis.url, "DATA_DIR": str(self.folder / "data")}
        service = Service(name, self.folder, settings | environment)
        return service.start()

    def start(self, webs: int, rate: float) -> None:
        """Start all of them. rate: readings a second of each of three series."""
        producer = {"STRIPCHART_PRODUCER_RATE": str(rate), "STRIPCHART_PRODUCER_SERIES": "3"}
        self.others = [self.service("writer"), self.service("producer", **producer)]
        for _ in range(webs):
            port = free_port()
            self.webs[port] = self.service("web", PORT=str(port))

    def answers(self, port: int) -> bool:
        """Whether the web service on this port answers."""
        address = f"http://127.0.0.1:{port}/livez"
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status)
        return False

    def quiet(self) -> None:
        """Have no more readings come."""
        self.others[1].terminate()

    def kill(self) -> None:
        """Kill all."""
        for service in [*self.webs.values(), *self.others]:
            service.kill()


@contextmanager
def services(folder: Path, redis: RedisServer, webs: int, rate: float) -> Iterator[Services]:
    """Started, and killed in the end."""
    made = Services(folder, redis)
    try:
        made.start(webs, rate)
        yield made
    finally:
        made.kill()


class Report(NamedTuple):
    """How it went."""

    disconnects: int
    faults: Counter[str]
    verdict: Verdict
    seconds: float

    def __str__(self) -> str:
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        verdict = self.verdict
        return (
            f"{self.disconnects} disconnects in {self.seconds:.0f} s ({faults});"
            f" of {verdict.readings} readings {verdict.gaps} missing,"
            f" {verdict.duplicates} twice, {verdict.disorders} series out of order"
            + "".join(f"; {other}" for other in verdict.others)
        )


class Harm:
    """What happens to the services while the crowd watches."""

    def __init__(self, made: Services, seed: int) -> None:
        self._made = made
        self._random = random.Random(seed)
        self.faults: Counter[str] = Counter()

    def strike(self) -> None:
        """Do one of it."""
        made, client = self._made, self._made.redis.client
        port = self._random.choice(list(made.webs))
        web = made.webs[port]
        kind = self._random.choice(["kill", "restart", "reload", "cut", "redis", "stranger"])
        self.faults[kind] += 1
        if kind == "kill":
            web.kill()
            web.start()
        elif kind == "restart":
            web.terminate()
            web.start()
        elif kind == "reload":
            # One that is only just starting would take it for its end.
            wait_until("web answers", lambda: made.answers(port), _PATIENCE)
            os.kill(web.pid, signal.SIGHUP)
        elif kind == "cut":
            client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        elif kind == "redis":
            made.redis.kill()
            time.sleep(_REDIS_DOWN_SECONDS)
            made.redis.start()
        else:
            # Adopted, and announced on the other channel.
            for value in range(10):
                client.publish("readings", f'{{"series":"kitchen","value":{value}}}')


def run(made: Services, viewers: int, disconnects: int, churn: float, seed: int) -> Report:
    """Have so many connections end, in all ways, and compare what everybody saw."""
    began, redis = time.monotonic(), made.redis
    harm = Harm(made, seed)
    crowd = Crowd(list(made.webs), viewers, seed).start()
    try:
        wait_until("all are greeted", lambda: crowd.all_greeted, _PATIENCE)
        crowd.churn = churn
        pauses = random.Random(seed)
        while crowd.disconnects < disconnects:
            assert crowd.failure is None, crowd.failure
            harm.strike()
            time.sleep(pauses.uniform(0.2, 2.0))
        crowd.churn = 0.0
        made.quiet()
        end: Any = None

        def settled() -> bool:
            nonlocal end
            end = end_of_journal(redis.client)
            return crowd.all_at(end)

        wait_until("all have come to the end", settled, _PATIENCE)
    except AssertionError as error:
        places = Counter((viewer.greeted, viewer.cursor) for viewer in crowd.viewers)
        raise AssertionError(f"{error}; they are at {places}") from error
    finally:
        crowd.stop()
    verdict = judge(crowd.viewers, redis.client)
    return Report(crowd.disconnects, harm.faults, verdict, time.monotonic() - began)
