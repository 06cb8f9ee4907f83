"""The electricity of a home: its power, and the counter that adds it up."""

from typing import Final

from services.cli.demo_data.noise import chance, key_of, noise

_DAY_SECONDS: Final = 86_400
_STEP_SECONDS: Final = 120
_STEPS_PER_DAY: Final = _DAY_SECONDS // _STEP_SECONDS
_WATT_SECONDS_PER_KWH: Final = 3_600_000
_METER_DAYS: Final = 45
"""Days after which the meter is replaced: the counter begins at zero again."""

_REPLACED_STEP: Final = 10 * 3_600 // _STEP_SECONDS
"""The step of the day, at 10 o'clock, at which the meter is replaced."""


class Electricity:
    """Power and energy. All times are in seconds of local time since 1970."""

    def __init__(self, seed: int) -> None:
        self._key = key_of(seed, "electricity")
        self._sums_of_day: dict[int, list[float]] = {}
        self._before_day: dict[int, float] = {}

    def power(self, seconds: float) -> float:
        """Return the power in watts."""
        day, second = divmod(seconds, _DAY_SECONDS)
        hour = second / 3_600
        watts = 150 + 12 * noise(self._key, int(seconds))
        if seconds % 2_700 < 1_100:
            watts += 85  # the refrigerator
        if 6.5 <= hour < 8 or 17.5 <= hour < 22.5:
            watts += 260  # lights, screens
        return watts + self._appliances(int(day), hour)

    def _appliances(self, day: int, hour: float) -> float:
        watts = 0.0
        index = 10 * day
        kettle = 7 + 0.3 * chance(self._key, index)
        if kettle <= hour < kettle + 0.08:
            watts += 2_000
        oven = 18 + chance(self._key, index + 1)
        if oven <= hour < oven + 0.8 and (hour < oven + 0.2 or hour * 60 % 8 < 3):
            watts += 2_200
        washing = 9 + 5 * chance(self._key, index + 2)
        if chance(self._key, index + 3) < 0.5 and washing <= hour < washing + 1.8:
            watts += 1_900 if hour < washing + 0.5 else 240
        return watts

    def energy(self, seconds: float) -> float:
        """Return what the counter shows, in kilowatt hours."""
        day, second = divmod(seconds, _DAY_SECONDS)
        sums = self._sums(int(day))
        step = int(second) // _STEP_SECONDS
        if day % _METER_DAYS == 0 and step >= _REPLACED_STEP:
            return sums[step] - sums[_REPLACED_STEP]
        return self._before(int(day)) + sums[step]

    def _before(self, day: int) -> float:
        """Return what the counter shows at the beginning of a day."""
        if day not in self._before_day:
            previous = self._sums(day - 1)
            if (day - 1) % _METER_DAYS == 0:
                self._before_day[day] = previous[-1] - previous[_REPLACED_STEP]
            else:
                self._before_day[day] = self._before(day - 1) + previous[-1]
        return self._before_day[day]

    def _sums(self, day: int) -> list[float]:
        """Return the energy since the beginning of a day, at each step and at its end."""
        if day not in self._sums_of_day:
            sums = [0.0]
            for step in range(_STEPS_PER_DAY):
                joules = self.power(day * _DAY_SECONDS + step * _STEP_SECONDS) * _STEP_SECONDS
                sums.append(sums[-1] + joules / _WATT_SECONDS_PER_KWH)
            self._sums_of_day[day] = sums
        return self._sums_of_day[day]
