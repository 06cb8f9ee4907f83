"""The source `host`: processors, memory, disk, network and temperatures of this machine.

A value that the machine does not have or does not report is left out.
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
    """The present value of one series; the host's name and a dot precede `name`."""

    name: str
    value: float
    unit: str


Probe = Callable[[], Iterator[HostValue]]


def run(feed: SourceContext) -> None:
    """Publish the values of every part of the machine, in the interval of the settings."""
    settings = feed.settings
    parts = [
        (probe, FaultLog(logger, f"host {name} unavailable", f"host {name} available again"))
        for name, probe in create_probes()
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


def create_probes() -> list[tuple[str, Probe]]:
    """Return the name and the probe of each part. Probes of rates return no value at first."""
    return [
        ("processors", _processor_probe()),
        ("memory", _probe_memory),
        ("disk", _probe_disk),
        ("disk traffic", rate_probe(_disk_counters)),
        ("network", rate_probe(_network_counters)),
        ("temperatures", _probe_temperatures),
    ]


def rate_probe(
    read_counters: Callable[[], dict[str, int]], monotonic: Callable[[], float] = time.monotonic
) -> Probe:
    """Create a probe that turns counters of bytes into rates.

    Args:
        read_counters: Returns the counters by name.
        monotonic: Clock in seconds.

    Returns:
        A probe of the bytes a second since its last call. It leaves out a counter that went down,
        because the counter began again from zero.
    """
    counters: dict[str, int] = {}
    read_at = monotonic()

    def probe() -> Iterator[HostValue]:
        nonlocal counters, read_at
        previous, previously = counters, read_at
        counters, read_at = read_counters(), monotonic()
        seconds = read_at - previously
        for name, count in counters.items():
            if name in previous and count >= previous[name] and seconds > 0:
                yield HostValue(name, (count - previous[name]) / seconds, "B/s")

    return probe


def _processor_probe() -> Probe:
    psutil.cpu_percent()
    first = True

    def probe() -> Iterator[HostValue]:
        nonlocal first
        if not first:
            yield HostValue("cpu", psutil.cpu_percent(), "%")
        first = False

    return probe


def _probe_memory() -> Iterator[HostValue]:
    yield HostValue("memory", psutil.virtual_memory().percent, "%")


def _probe_disk() -> Iterator[HostValue]:
    yield HostValue("disk", psutil.disk_usage(_ROOT).percent, "%")


def _disk_counters() -> dict[str, int]:
    counters = psutil.disk_io_counters()
    if counters is None:
        return {}
    return {"disk.read": counters.read_bytes, "disk.written": counters.write_bytes}


def _network_counters() -> dict[str, int]:
    counters = psutil.net_io_counters(pernic=True)
    # Loopback is no traffic with the network.
    external = [each for name, each in counters.items() if not name.startswith("lo")]
    return {
        "network.received": sum(each.bytes_recv for each in external),
        "network.sent": sum(each.bytes_sent for each in external),
    }


def _probe_temperatures() -> Iterator[HostValue]:
    """Yield the highest temperature of each chip."""
    # psutil has the function on Linux and FreeBSD only.
    read_sensors = getattr(psutil, "sensors_temperatures", None)
    for chip, sensors in (read_sensors() if read_sensors else {}).items():
        if sensors:
            highest = max(sensor.current for sensor in sensors)
            yield HostValue(f"temperature.{chip}", highest, "°C")
