"""This machine itself: processors, memory, disk, network and temperatures.

What a machine does not have or does not tell is left out.
"""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import psutil

from services.log import FaultLog
from services.producer.source_context import SourceContext
from services.reading import MAX_NAME_CHARS, Reading

logger = logging.getLogger("producer")

_ROOT: Final = "/"


class HostValue(NamedTuple):
    """What one series of the host is worth now; `host.` is put before its name."""

    name: str
    value: float
    unit: str


Probe = Callable[[], Iterator[HostValue]]


def run(feed: SourceContext) -> None:
    """Put what the host's parts are worth, again and again."""
    settings = feed.settings
    parts = [
        (probe, FaultLog(logger, f"host {name} unavailable", f"host {name} available again"))
        for name, probe in probes()
    ]
    for ts in feed.every(settings.host_seconds):
        for probe, fault in parts:
            try:
                values = list(probe())
            except (OSError, psutil.Error, RuntimeError, NotImplementedError) as error:
                fault.begin(error)
                continue
            fault.end()
            feed.put(
                [
                    Reading(f"{settings.host_name}.{name}"[:MAX_NAME_CHARS], ts, value, unit)
                    for name, value, unit in values
                ]
            )


def probes() -> list[tuple[str, Probe]]:
    """What is asked, and how. Those for rates tell nothing the first time."""
    return [
        ("processors", _processors()),
        ("memory", _memory),
        ("disk", _disk),
        ("disk traffic", rates(_disk_counters)),
        ("network", rates(_network_counters)),
        ("temperatures", _temperatures),
    ]


def _processors() -> Probe:
    psutil.cpu_percent()
    asked = False

    def probe() -> Iterator[HostValue]:
        nonlocal asked
        if asked:
            yield HostValue("cpu", psutil.cpu_percent(), "%")
        asked = True

    return probe


def _memory() -> Iterator[HostValue]:
    yield HostValue("memory", psutil.virtual_memory().percent, "%")


def _disk() -> Iterator[HostValue]:
    yield HostValue("disk", psutil.disk_usage(_ROOT).percent, "%")


def _disk_counters() -> dict[str, int]:
    counters = psutil.disk_io_counters()
    if counters is None:
        return {}
    return {"disk.read": counters.read_bytes, "disk.written": counters.write_bytes}


def _network_counters() -> dict[str, int]:
    counters = psutil.net_io_counters(pernic=True)
    # What the machine says to itself is no traffic.
    outside = [each for name, each in counters.items() if not name.startswith("lo")]
    return {
        "network.received": sum(each.bytes_recv for each in outside),
        "network.sent": sum(each.bytes_sent for each in outside),
    }


def rates(
    counters: Callable[[], dict[str, int]], clock: Callable[[], float] = time.monotonic
) -> Probe:
    """Bytes a second since the last time. A counter that began anew tells nothing."""
    last: dict[str, int] = {}
    looked = clock()

    def probe() -> Iterator[HostValue]:
        nonlocal last, looked
        now, before, since = counters(), last, looked
        last, looked = now, clock()
        for name, count in now.items():
            if count >= before.get(name, count + 1) and looked > since:
                yield HostValue(name, (count - before[name]) / (looked - since), "B/s")

    return probe


def _temperatures() -> Iterator[HostValue]:
    """The hottest place of each chip."""
    # Only Linux and FreeBSD have them.
    sensors = getattr(psutil, "sensors_temperatures", None)
    for chip, places in (sensors() if sensors else {}).items():
        if places:
            yield HostValue(f"temperature.{chip}", max(place.current for place in places), "°C")
