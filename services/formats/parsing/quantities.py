"""Numbers in texts that people and devices write: `021.5`, `45 %`, `21.5 °C`, and states like ON.

A text is read only if it has one meaning. Everything else is refused with a reason: a decimal
comma could separate thousands, and digits with other characters could be a date or a version.
"""

import math
import re
from typing import Final, NamedTuple

from services.errors import MalformedError

STATE_PAIRS: Final = (
    ("on", "off"),
    ("true", "false"),
    ("yes", "no"),
    ("open", "closed"),
    ("open", "close"),
    ("online", "offline"),
    ("connected", "disconnected"),
    ("enabled", "disabled"),
    ("active", "inactive"),
    ("locked", "unlocked"),
    ("home", "not_home"),
    ("detected", "not_detected"),
    ("pressed", "released"),
)
"""Words for the two states of a thing, in any case: the first of a pair is 1, the second is 0.

No word is here that also is one of three states or more, such as high, up, dry or clear.
"""

_STATES: Final = {
    word: 1.0 - position for pair in STATE_PAIRS for position, word in enumerate(pair)
}
_MAX_STATE_CHARS: Final = max(map(len, _STATES))

_UNIT_WORDS: Final = """
% ‰ ppm ppb ° °C °F ℃ ℉ ºC ºF C F K pH lqi %RH %rH mV V kV µV mA A µA mW W kW MW GW VA kVA var
kvar mWh Wh kWh MWh GWh VAh kVAh varh kvarh mAh Ah J kJ MJ GJ cal kcal Ω kΩ MΩ µF Hz kHz MHz GHz
S/cm mS/cm µS/cm Pa hPa kPa MPa bar mbar psi inHg mmHg inH₂O atm lx lm cd dB dBA dB(A) dBm W/m²
W/m2 UV nm µm mm cm dm m km in ft yd mi mm² cm² m² km² m2 cm³ dm³ m³ m3 ft³ ml mL cl cL dl dL l
L hl hL gal m/s m/s² km/h mph kn ft/s mm/h mm/d in/h in/d m³/h m³/min m³/s m3/h l/h L/h l/min
L/min l/s L/s mL/s gal/min gal/h µg mg g kg t oz lb µg/m³ mg/m³ g/m³ µg/m3 mg/m3 g/m3 p/m³ ns µs
ms s sec min h d rpm bpm bit kbit Mbit Gbit kB MB GB TB KiB MiB GiB TiB bit/s kbit/s Mbit/s
Gbit/s B/s kB/s MB/s GB/s KiB/s MiB/s GiB/s Mbps kbps Gbps
"""
_UNITS: Final = frozenset(_UNIT_WORDS.split())
"""Units that may stand behind a number. With all those of `unit_names`, 1st would be a number."""

_SAME_UNITS: Final = {
    "C": "°C", "℃": "°C", "ºC": "°C", "F": "°F", "℉": "°F", "ºF": "°F", "l": "L", "ml": "mL",
    "l/min": "L/min", "l/h": "L/h", "l/s": "L/s", "m3": "m³", "m2": "m²", "m3/h": "m³/h",
    "W/m2": "W/m²", "µg/m3": "µg/m³", "mg/m3": "mg/m³", "g/m3": "g/m³", "sec": "s", "dB(A)": "dBA",
    "%RH": "%", "%rH": "%", "kbps": "kbit/s", "Mbps": "Mbit/s", "Gbps": "Gbit/s",
}  # fmt: skip
"""Other spellings of a unit."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_SEPARATED_DIGITS = re.compile(r"[+-]?[0-9.]*[0-9][,'\N{RIGHT SINGLE QUOTATION MARK}_\s]\s*[0-9]")
# 5A and 2F may be hexadecimal, and 10K ten thousand.
_AMBIGUOUS = re.compile(r"\d[\da-fA-F]*[a-fA-F]|[+-]?[\d.]+K", re.ASCII)
_NO_NUMBERS: Final = frozenset({"nan", "inf", "infinity"})
_MINUS_AND_MICRO: Final = str.maketrans({"\N{MINUS SIGN}": "-", "\N{GREEK SMALL LETTER MU}": "µ"})
_MAX_CHARS: Final = 400
"""A longer text is no number. One with as many digits would be infinite."""


class DoubtfulNumberError(MalformedError):
    """A text looks like a number, and has no single meaning."""


class Quantity(NamedTuple):
    """A finite number, and the unit that stands behind it in the text, or None."""

    value: float
    unit: str | None


def parse_quantity(text: str, unit: str | None = None) -> Quantity:
    """Parse a number with a decimal point, and optionally a unit behind it.

    Args:
        text: The text. Spaces around it are ignored.
        unit: The unit that is expected, if one is known.

    Returns:
        The number, and the unit as the text spells it.

    Raises:
        DoubtfulNumberError: The text has another meaning too, is not finite, or has an unknown
            unit or another one than `unit`.
        MalformedError: The text is not a number.
    """
    text = text.strip().translate(_MINUS_AND_MICRO)
    if text.lstrip("+-").lower() in _NO_NUMBERS:
        raise DoubtfulNumberError("is not a finite number")
    match = _NUMBER.match(text) if len(text) <= _MAX_CHARS else None
    if match is None:
        raise MalformedError("is not a number")
    found = text[match.end() :].strip()
    if found:
        _check_unit(text, found, unit)
    value = float(match[0])
    if not math.isfinite(value):
        raise DoubtfulNumberError("is not a finite number")
    return Quantity(value, found or None)


def is_known_unit(unit: str) -> bool:
    """Return True if a text is a unit that is understood without being expected."""
    return unit.translate(_MINUS_AND_MICRO) in _UNITS


def parse_state(text: str) -> float | None:
    """Return 1.0 or 0.0 for a word of STATE_PAIRS, in any case, and None for another text."""
    return _STATES.get(text.strip().lower()) if len(text) <= 2 * _MAX_STATE_CHARS else None


def _check_unit(text: str, found: str, expected: str | None) -> None:
    """Check what stands behind the number of a text."""
    if expected is not None and _canonical(found) == _canonical(expected):
        return
    if _SEPARATED_DIGITS.match(text):
        raise DoubtfulNumberError("has separators of thousands or decimals; 1234.5 is understood")
    if _AMBIGUOUS.fullmatch(text):
        raise DoubtfulNumberError("needs a space before the unit, or is none")
    if found in _UNITS and expected is not None:
        raise DoubtfulNumberError(f"has the unit {found}, not {expected}")
    if found not in _UNITS and found.isalpha():
        raise DoubtfulNumberError(f"has the unknown unit {found:.20}")
    if found not in _UNITS:
        raise MalformedError("is not a number")


def _canonical(unit: str) -> str:
    unit = unit.translate(_MINUS_AND_MICRO)
    return _SAME_UNITS.get(unit, unit)
