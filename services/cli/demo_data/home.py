"""The demo `home`: twenty sensors of a home over sixty days."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from services.cli.demo_data.demo import Demo
from services.cli.demo_data.electricity import Electricity
from services.cli.demo_data.home_presentation import home_presentation
from services.cli.demo_data.noise import chance, drift, key_of, noise
from services.cli.demo_data.signals import Cadence, EventSignal, SampledSignal, Signal

DAY_SECONDS: Final = 86_400
HISTORY_SECONDS: Final = 60 * DAY_SECONDS
_STEP_SECONDS: Final = 120.0
_METER_STEP_SECONDS: Final = 10.0
_BURNER_CYCLE_SECONDS: Final = 2_400

_HINTS: Final = (
    "find one sensor: press / and type bedroom co2",
    "door.front and window.bedroom send a reading only when they open or close",
    "house.energy is a counter in kWh, which was replaced and began at zero again",
    "bathroom.humidity has been silent for three hours; outdoor.pressure has a gap",
)


def home(seed: int = 1, utc_offset_seconds: float = 0.0) -> Demo:
    """Return the demo.

    Args:
        seed: Chooses the noise.
        utc_offset_seconds: Distance of local time, which the daily rhythm follows, from UTC.
    """
    return Demo(
        name="home",
        signals=_DemoHome(seed, utc_offset_seconds).signals(),
        history_seconds=HISTORY_SECONDS,
        slice_seconds=DAY_SECONDS / 4,
        tick_seconds=1.0,
        summary="twenty sensors of a home, over sixty days",
        hints=_HINTS,
        presentation=home_presentation(),
    )


class _DemoHome:
    """The sensors of one home."""

    def __init__(self, seed: int, utc_offset_seconds: float) -> None:
        self._seed = seed
        self._offset = utc_offset_seconds
        self._weather = key_of(seed, "weather")
        self._electricity = Electricity(seed)

    def signals(self) -> Sequence[Signal]:
        """Return all twenty sensors."""
        return [
            *self._room("living-room", 21.4, 0.9),
            self._sensor("living-room.co2", "ppm", self._co2(17.0, 6.5, 620), 0, 25),
            *self._room("bedroom", 18.6, 0.7),
            self._sensor("bedroom.co2", "ppm", self._co2(22.5, 8.5, 1_100), 0, 25),
            *self._room("kitchen", 20.8, 1.2),
            self._sensor("bathroom.temperature", "°C", self._warmth(22.3, 0.8), 1, 0.08),
            self._sensor(
                "bathroom.humidity",
                "%",
                self._damp(52, shower=22),
                1,
                0.4,
                silent=(3 * 3_600, -1e9),
            ),
            self._sensor("outdoor.temperature", "°C", self._outdoors, 1, 0.1),
            self._sensor("outdoor.humidity", "%", lambda t: 78 - 2.2 * self._outdoors(t) / 2, 1, 1),
            self._sensor(
                "outdoor.pressure", "hPa", self._pressure, 1, 0.05, silent=(30 * 3_600, 25 * 3_600)
            ),
            self._sensor("boiler.temperature", "°C", self._flow, 1, 0.3),
            self._events("boiler.burner", self._burner),
            self._meter(),
            self._sensor("house.energy", "kWh", self._electricity.energy, 3, 0),
            self._events("door.front", self._openings("door.front", _FRONT_DOOR)),
            self._events("door.balcony", self._openings("door.balcony", _BALCONY)),
            self._events("window.bedroom", self._openings("window.bedroom", _WINDOW)),
        ]

    def _room(self, room: str, mean: float, swing: float) -> list[Signal]:
        return [
            self._sensor(f"{room}.temperature", "°C", self._warmth(mean, swing), 1, 0.08),
            self._sensor(f"{room}.humidity", "%", self._damp(46), 1, 0.4),
        ]

    def _sensor(
        self,
        name: str,
        unit: str,
        curve: Callable[[float], float],
        decimals: int,
        jitter: float,
        *,
        silent: tuple[float, float] | None = None,
    ) -> SampledSignal:
        """Return a sensor. Its curve takes local time, to which the jitter is added."""
        key = key_of(self._seed, name)

        def sample(seconds: float) -> float:
            return curve(seconds + self._offset) + jitter * noise(key, int(seconds))

        return SampledSignal(
            name=name,
            unit=unit,
            sample=sample,
            cadences=[Cadence(_STEP_SECONDS, HISTORY_SECONDS)],
            decimals=decimals,
            phase_seconds=key % int(_STEP_SECONDS),
            silent=silent,
        )

    def _meter(self) -> SampledSignal:
        return SampledSignal(
            name="house.power",
            unit="W",
            sample=lambda seconds: self._electricity.power(seconds + self._offset),
            cadences=[
                Cadence(_METER_STEP_SECONDS, DAY_SECONDS / 2),
                Cadence(_STEP_SECONDS, HISTORY_SECONDS),
            ],
            decimals=0,
        )

    def _events(
        self, name: str, changes: Callable[[float, float], Iterator[tuple[float, float]]]
    ) -> EventSignal:
        def shifted(start: float, end: float) -> Iterator[tuple[float, float]]:
            offset = self._offset
            return ((t - offset, state) for t, state in changes(start + offset, end + offset))

        return EventSignal(name=name, changes=shifted, history_seconds=HISTORY_SECONDS)

    def _outdoors(self, seconds: float) -> float:
        daily = 3.5 * math.sin(math.tau * (seconds / DAY_SECONDS - 9 / 24))
        return 7 + daily + 5 * drift(self._weather, seconds, 2.5 * DAY_SECONDS)

    def _pressure(self, seconds: float) -> float:
        return 1_014 + 14 * drift(self._weather + 1, seconds, 1.8 * DAY_SECONDS)

    def _warmth(self, mean: float, swing: float) -> Callable[[float], float]:
        def curve(seconds: float) -> float:
            evening = math.sin(math.tau * (seconds / DAY_SECONDS - 13 / 24))
            return mean + swing * evening + 0.12 * (self._outdoors(seconds) - 7)

        return curve

    def _damp(self, mean: float, shower: float = 0.0) -> Callable[[float], float]:
        """Return the humidity of a room, with a shower at seven if there is one."""

        def curve(seconds: float) -> float:
            hours_since = (seconds / 3_600 - 7) % 24
            steam = shower * math.exp(-hours_since)
            return mean + 6 * drift(self._weather + 2, seconds, DAY_SECONDS) + steam

        return curve

    def _co2(self, from_hour: float, hours: float, rise: float) -> Callable[[float], float]:
        """Return the curve of a room where somebody is from an hour on for some hours."""
        full = rise * (1 - math.exp(-hours / 2.5))

        def curve(seconds: float) -> float:
            since = (seconds / 3_600 - from_hour) % 24
            if since < hours:
                return 430 + rise * (1 - math.exp(-since / 2.5))
            return 430 + full * math.exp(-(since - hours) / 1.3)

        return curve

    def _burner_share(self, cycle: int) -> float:
        """Return the share of a cycle of the boiler in which its burner is on."""
        cold = 12 - self._outdoors(cycle * _BURNER_CYCLE_SECONDS)
        return min(0.85, max(0.15, 0.25 + cold / 40 + 0.05 * noise(self._weather + 3, cycle)))

    def _burner(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        for cycle in range(
            int(start // _BURNER_CYCLE_SECONDS), int(end // _BURNER_CYCLE_SECONDS) + 1
        ):
            began = float(cycle * _BURNER_CYCLE_SECONDS)
            yield began, 1.0
            yield began + round(self._burner_share(cycle) * _BURNER_CYCLE_SECONDS), 0.0

    def _flow(self, seconds: float) -> float:
        cycle, into = divmod(seconds, _BURNER_CYCLE_SECONDS)
        share = self._burner_share(int(cycle))
        position = into / _BURNER_CYCLE_SECONDS
        if position < share:
            return 38 + 20 * position / share
        return 58 - 20 * (position - share) / (1 - share)

    def _openings(
        self, name: str, times: Sequence[tuple[float, float, float]]
    ) -> Callable[[float, float], Iterator[tuple[float, float]]]:
        """Return the changes of a door or window.

        Args:
            name: Name of the series.
            times: Hour, minutes for which it is open, and how likely it is on a day.
        """
        key = key_of(self._seed, name)

        def changes(start: float, end: float) -> Iterator[tuple[float, float]]:
            closed = 0.0
            for day in range(int(start // DAY_SECONDS) - 1, int(end // DAY_SECONDS) + 1):
                for i, (hour, minutes, likelihood) in enumerate(times):
                    index = 100 * day + 3 * i
                    opened = day * DAY_SECONDS + 3_600 * hour + round(900 * noise(key, index + 1))
                    if opened <= closed or chance(key, index) > likelihood:
                        continue
                    open_seconds = max(10, round(60 * minutes * (1 + 0.6 * noise(key, index + 2))))
                    closed = opened + open_seconds
                    yield opened, 1.0
                    yield closed, 0.0

        return changes


_FRONT_DOOR: Final = (
    (7.4, 0.5, 0.8),
    (8.2, 1.0, 0.9),
    (12.5, 0.5, 0.5),
    (15.0, 10.0, 0.7),
    (17.6, 0.7, 0.9),
    (18.7, 0.5, 0.6),
    (21.5, 3.0, 0.4),
)
_BALCONY: Final = ((9.5, 15.0, 0.6), (13.2, 30.0, 0.5), (19.5, 8.0, 0.7))
_WINDOW: Final = ((7.0, 20.0, 0.95), (22.0, 12.0, 0.85))
