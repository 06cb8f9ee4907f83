"""The demo `servers`: 186 series of line protocol, from six servers with tags."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from services.cli.demo_data.demo import Demo
from services.cli.demo_data.noise import drift, key_of, noise
from services.cli.demo_data.servers_presentation import servers_presentation
from services.cli.demo_data.signals import Cadence, SampledSignal
from services.formats.parsing.point_names import series_name
from services.point import SeriesPoint

_DAY_SECONDS: Final = 86_400
HISTORY_SECONDS: Final = 2 * _DAY_SECONDS
_STEP_SECONDS: Final = 10.0
_OLD_STEP_SECONDS: Final = 120.0
_NEW_SECONDS: Final = 1_800.0
_CORES: Final = 12
_BOOT_DAYS: Final = 30
_SERVERS: Final = {
    "web-01": ("basel", 34.0),
    "web-02": ("zurich", 31.0),
    "db-01": ("basel", 52.0),
    "db-02": ("zurich", 18.0),
    "cache-01": ("basel", 12.0),
    "worker-01": ("zurich", 66.0),
}
"""Data centre, and load in percent, of each server."""

_UNITS: Final = {
    **dict.fromkeys(("usage_user", "used_percent"), "%"),
    **dict.fromkeys(("available", "cached", "used"), "B"),
    **dict.fromkeys(("read_bytes", "write_bytes", "bytes_recv", "bytes_sent"), "B"),
}
"""Units by field."""

_TRAFFIC_WAVES: Final = ((0.4, _DAY_SECONDS), (0.2, 5_417.0), (0.15, 1_733.0), (0.15, 829.0))
"""Shares of traffic that come and go, and their periods in seconds. Together less than all."""

_HINTS: Final = (
    "find one series: press / and type web-01 cpu3",
    "the overview groups the series by host",
    "long names differ in their tags: host, datacenter, cpu, path",
)

_Curve = Callable[[float], float]


def servers(seed: int = 1) -> Demo:
    """Return the demo. The seed chooses the noise."""
    signals = [
        signal
        for host, (place, load) in _SERVERS.items()
        for signal in _DemoServer(seed, host, place, load).signals()
    ]
    return Demo(
        name="servers",
        signals=signals,
        history_seconds=HISTORY_SECONDS,
        slice_seconds=3_600.0,
        tick_seconds=1.0,
        summary="186 series of six servers, over two days",
        hints=_HINTS,
        presentation=servers_presentation({signal.name: signal.point for signal in signals}),
    )


class _DemoServer:
    """The series of one server."""

    def __init__(self, seed: int, host: str, datacenter: str, load: float) -> None:
        self._seed, self._load = seed, load
        self._tags = {"datacenter": datacenter, "host": host}
        self._key = key_of(seed, host)
        self._phase_seconds = self._key % int(_STEP_SECONDS)

    def signals(self) -> Iterator[SampledSignal]:
        """Yield the 31 series."""
        for core in range(_CORES):
            yield self._signal("cpu", "usage_user", self._core(core), 1, {"cpu": f"cpu{core}"})
        yield self._signal("mem", "used_percent", self._level(40 + self._load / 3, 6), 1)
        yield self._signal("mem", "available", lambda t: 1e9 * self._level(18, 2)(t), 0)
        yield self._signal("mem", "cached", lambda t: 1e9 * self._level(6, 1)(t), 0)
        yield self._signal("swap", "used_percent", self._level(2, 1), 1)
        for path, percent in (("/", 24.0), ("/var", 46.0)):
            tags = {"path": path}
            yield self._signal("disk", "used_percent", self._filling(percent), 1, tags)
            yield self._signal("disk", "used", self._scaled(self._filling(percent), 5e9), 0, tags)
        for field, rate in (("read_bytes", 3e5), ("write_bytes", 9e5)):
            yield self._signal("diskio", field, self._counter(rate), 0, {"name": "nvme0n1"})
        for field, rate in (
            ("bytes_recv", 2.4e6),
            ("bytes_sent", 5.1e6),
            ("err_in", 1e-3),
            ("drop_in", 4e-3),
        ):
            yield self._signal("net", field, self._counter(rate), 0, {"interface": "eth0"})
        for minutes in (1, 5, 15):
            load = self._scaled(self._busy(60.0 * minutes), _CORES / 100)
            yield self._signal("system", f"load{minutes}", load, 2)
        yield self._signal("processes", "running", self._level(4, 2), 0)
        yield self._signal("processes", "total", self._level(260, 15), 0)

    def _signal(
        self,
        measurement: str,
        field: str,
        curve: _Curve,
        decimals: int,
        tags: Mapping[str, str] | None = None,
    ) -> SampledSignal:
        point = SeriesPoint(
            measurement, field, dict(sorted({**self._tags, **(tags or {})}.items()))
        )
        return SampledSignal(
            name=series_name(point),
            unit=_UNITS.get(field),
            sample=curve,
            cadences=[
                Cadence(_STEP_SECONDS, _NEW_SECONDS),
                Cadence(_OLD_STEP_SECONDS, HISTORY_SECONDS),
            ],
            decimals=decimals,
            phase_seconds=self._phase_seconds,
            point=point,
        )

    def _busy(self, smooth_seconds: float) -> _Curve:
        """Return the load of the server in percent, smoothed over some seconds."""

        def curve(seconds: float) -> float:
            daily = 0.35 * math.sin(math.tau * (seconds / _DAY_SECONDS - 0.3))
            burst = drift(self._key, seconds, 900 + smooth_seconds)
            return max(0.5, self._load * (1 + daily + 0.4 * burst))

        return curve

    def _core(self, core: int) -> _Curve:
        key, busy = self._key + 7 * core, self._busy(0)

        def curve(seconds: float) -> float:
            own = 0.4 * drift(key, seconds, 1_200) + 0.06 * noise(key, int(seconds))
            return min(100.0, max(0.0, busy(seconds) * (1 + own)))

        return curve

    def _level(self, mean: float, swing: float) -> _Curve:
        key = self._key + round(1_000 * mean)
        return lambda seconds: mean + swing * drift(key, seconds, 7_200)

    def _filling(self, percent: float) -> _Curve:
        """Return a disk that fills, and is cleaned once a day."""
        base = percent + self._load / 2
        return lambda seconds: base + 6 * ((seconds / _DAY_SECONDS + self._load / 70) % 1.0)

    def _scaled(self, curve: _Curve, factor: float) -> _Curve:
        return lambda seconds: factor * curve(seconds)

    def _counter(self, rate: float) -> _Curve:
        """Return a counter that begins at zero when the server boots, and never falls between."""
        boot_seconds = _BOOT_DAYS * _DAY_SECONDS
        own_rate = rate * self._load / 40

        def curve(seconds: float) -> float:
            since = (seconds + self._key % boot_seconds) % boot_seconds
            waves = (
                share * period / math.tau * math.sin(math.tau * since / period)
                for share, period in _TRAFFIC_WAVES
            )
            return float(math.floor(own_rate * (since + sum(waves))))

        return curve
