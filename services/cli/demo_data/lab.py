"""The demo `lab`: three channels at 200 Hz, and slow ones beside them."""

import math
from collections.abc import Callable, Iterator
from typing import Final

from services.cli.demo_data.demo import Demo
from services.cli.demo_data.lab_presentation import lab_presentation
from services.cli.demo_data.noise import drift, key_of, noise
from services.cli.demo_data.signals import Cadence, EventSignal, SampledSignal

_RATE_HZ: Final = 200
_FAST_SECONDS: Final = 600.0
HISTORY_SECONDS: Final = 6 * 3_600.0
_TRIGGER_SECONDS: Final = 90

_HINTS: Final = (
    "zoom into accelerometer.x: 200 readings a second, history and live look the same",
    "strain.bridge is a sine of 0.5 Hz with noise",
    "shaker.running changes from 0 to 1 and back, with nothing between",
)


def lab(seed: int = 1) -> Demo:
    """Return the demo. The seed chooses the noise."""
    x, y, bridge, chamber, supply, speed = (
        key_of(seed, name) for name in ("x", "y", "bridge", "chamber", "supply", "speed")
    )

    def vibration(key: int, hertz: float) -> Callable[[float], float]:
        def curve(seconds: float) -> float:
            strength = 1.0 if _is_running(seconds) else 0.08
            wave = math.sin(math.tau * hertz * (seconds % _TRIGGER_SECONDS))
            return strength * wave + 0.04 * noise(key, round(seconds * _RATE_HZ))

        return curve

    def strain(seconds: float) -> float:
        wave = math.sin(math.tau * 0.5 * (seconds % 3_600))
        return 120 * wave + 2.5 * noise(bridge, round(seconds * _RATE_HZ))

    return Demo(
        name="lab",
        signals=[
            _fast("accelerometer.x", "g", vibration(x, 12.5), 4),
            _fast("accelerometer.y", "g", vibration(y, 3.0), 4),
            _fast("strain.bridge", "µm/m", strain, 2),
            _slow("chamber.temperature", "°C", lambda t: 23 + 1.5 * drift(chamber, t, 1_800), 2),
            _slow("supply.voltage", "V", lambda t: 12 + 0.03 * noise(supply, int(t)), 3),
            _slow("shaker.speed", "1/min", lambda t: _speed(speed, t), 0),
            EventSignal(
                name="shaker.running",
                changes=_changes,
                history_seconds=HISTORY_SECONDS,
                first_state=0.0,
            ),
        ],
        history_seconds=HISTORY_SECONDS,
        slice_seconds=60.0,
        tick_seconds=0.1,
        summary="three channels at 200 Hz over ten minutes, and slow ones over six hours",
        hints=_HINTS,
        presentation=lab_presentation(),
    )


def _fast(name: str, unit: str, curve: Callable[[float], float], decimals: int) -> SampledSignal:
    return SampledSignal(
        name=name,
        unit=unit,
        sample=curve,
        cadences=[Cadence(1 / _RATE_HZ, _FAST_SECONDS)],
        decimals=decimals,
    )


def _slow(name: str, unit: str, curve: Callable[[float], float], decimals: int) -> SampledSignal:
    return SampledSignal(
        name=name,
        unit=unit,
        sample=curve,
        cadences=[Cadence(1.0, _FAST_SECONDS), Cadence(5.0, HISTORY_SECONDS)],
        decimals=decimals,
    )


def _is_running(seconds: float) -> bool:
    return seconds % _TRIGGER_SECONDS < _TRIGGER_SECONDS * 2 / 3


def _speed(key: int, seconds: float) -> float:
    return 3_000 + 20 * noise(key, int(seconds)) if _is_running(seconds) else 0.0


def _changes(start: float, end: float) -> Iterator[tuple[float, float]]:
    for cycle in range(int(start // _TRIGGER_SECONDS), int(end // _TRIGGER_SECONDS) + 1):
        began = float(cycle * _TRIGGER_SECONDS)
        yield began, 1.0
        yield began + _TRIGGER_SECONDS * 2 / 3, 0.0
