"""Settings of series: what people choose for a series, and the rules that make it valid.

They change how a series is shown, and no reading.
"""

import math
import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, TypedDict, get_args

from services.errors import MalformedError
from services.reading import text_fault

SeriesKind: TypeAlias = Literal["measure", "state", "counter"]
"""Kind of a series: a quantity that is measured, a state that holds until it changes, or a counter
that grows and may be reset."""

SERIES_KINDS: Final[tuple[SeriesKind, ...]] = get_args(SeriesKind)

MAX_LABEL_CHARS: Final = 200
MAX_DECIMALS: Final = 10
MAX_STATES: Final = 50
MAX_STATE_CHARS: Final = 50
"""Characters in the word of a state."""

COLOR_PATTERN: Final = "^#[0-9A-Fa-f]{6}$"

# From here on, whole numbers have no digits of their own as doubles.
_MAX_WHOLE: Final = 2.0**53

_is_color: Final = re.compile(COLOR_PATTERN).fullmatch


class SeriesSettings(NamedTuple):
    """Settings that people give to a series. Each is None if it is not set.

    Attributes:
        label: Text to show instead of the name.
        kind: Kind of the series.
        decimals: Digits after the decimal point.
        color: Colour of the line, such as `#0b7285`.
        states: Words by value; a value is a number as text, such as `1` or `0.5`.
    """

    label: str | None = None
    kind: SeriesKind | None = None
    decimals: int | None = None
    color: str | None = None
    states: Mapping[str, str] | None = None


class SettingsChange(TypedDict, total=False):
    """New settings of a series, None for those to remove. Those that are missing stay."""

    label: str | None
    kind: SeriesKind | None
    decimals: int | None
    color: str | None
    states: dict[str, str] | None


SETTING_NAMES: Final = SeriesSettings._fields


def parse_settings(document: Mapping[str, object]) -> SettingsChange:
    """Return the change that a document describes, in the form in which it is stored.

    Args:
        document: Settings by name. None and empty values remove a setting.

    Raises:
        MalformedError: A value is not allowed. The message names the setting and what is allowed.
    """
    change: dict[str, object] = {}
    for name, value in document.items():
        change[name] = None if value in (None, "", {}) else _PARSERS[name](value)
    return change  # type: ignore[return-value] # Each parser returns the type of its field.


def settings_fault(change: SettingsChange) -> str | None:
    """Return the reason why a change is not valid, or None if it is."""
    try:
        is_stored_form = parse_settings(change) == change
    except MalformedError as error:
        return str(error)
    return None if change and is_stored_form else "the settings are not in their stored form"


def _parse_label(value: object) -> str | None:
    fault = text_fault("label", value, MAX_LABEL_CHARS)
    if fault:
        raise MalformedError(fault)
    return str(value).strip() or None


def _parse_kind(value: object) -> SeriesKind:
    for kind in SERIES_KINDS:
        if value == kind:
            return kind
    raise MalformedError(f"kind must be one of {', '.join(SERIES_KINDS)}")


def _parse_decimals(value: object) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    for decimals in range(MAX_DECIMALS + 1):
        if is_number and value == decimals:
            return decimals
    raise MalformedError(f"decimals must be a whole number from 0 to {MAX_DECIMALS}")


def _parse_color(value: object) -> str:
    if not isinstance(value, str) or not _is_color(value):
        raise MalformedError("color must be # and six hexadecimal digits, such as #0b7285")
    return value.lower()


def _parse_states(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise MalformedError('states must be an object of words by value, such as {"0": "closed"}')
    if len(value) > MAX_STATES:
        raise MalformedError(f"states must have at most {MAX_STATES} values")
    states: dict[str, str] = {}
    for key, word in value.items():
        number = _parse_state_value(key)
        field = f"states: the word of {number}"
        fault = text_fault(field, word, MAX_STATE_CHARS)
        if not fault and not word.strip():
            fault = f"{field} must not be empty"
        if not fault and number in states:
            fault = f"states must have the value {number} once"
        if fault:
            raise MalformedError(fault)
        states[number] = word.strip()
    return states


def _parse_state_value(key: object) -> str:
    """Return the value of a state as text that is the same for equal numbers."""
    try:
        number = float(str(key)) + 0.0
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise MalformedError(f"states must have numbers as values: {key!r:.40} is no number")
    return str(int(number)) if number.is_integer() and abs(number) < _MAX_WHOLE else repr(number)


_PARSERS: Final = {
    "label": _parse_label,
    "kind": _parse_kind,
    "decimals": _parse_decimals,
    "color": _parse_color,
    "states": _parse_states,
}
