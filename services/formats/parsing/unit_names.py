"""Names of units: tells `°C`, `kWh` and `µg/m³` from words such as `event`."""

import re
from typing import Final

_MAX_CHARS: Final = 50

_SYMBOLS: Final = frozenset("°%‰²³µμΩ€$£¥¢₂")
"""Characters that occur in units, but not in words."""

_PREFIXES: Final = ("", *"pnµμmcdhkMGT")
_PREFIXED: Final = (
    *("A", "Ah", "B", "Bq", "F", "Gy", "H", "Hz", "J", "L", "N", "Nm", "Pa", "S", "Sv", "T", "V"),
    *("VA", "VAh", "W", "Wh", "Wp", "bar", "bit", "bps", "cal", "eV", "g", "l", "lm", "lx", "m"),
    *("mol", "ohm", "s", "sr", "t", "var", "varh"),
)
_BINARY: Final = tuple(f"{prefix}i" for prefix in "KMGTPEZY")
_UNPREFIXED: Final = (
    # Time and rates
    *("a", "d", "h", "hr", "min", "mo", "w", "wk", "y", "yr", "day", "days", "hours", "minutes"),
    *("seconds", "weeks", "months", "years", "bpm", "rpm", "RPM", "fps", "FPS"),
    # Length, area, volume, mass, speed
    *("in", "ft", "yd", "mi", "nmi", "ac", "ha", "gal", "CCF", "MCF", "cfm", "CFM", "gpm", "GPM"),
    *("fl. oz.", "fl oz", "oz", "lb", "lbs", "st", "mph", "kph", "kn", "kt", "kts", "Beaufort"),
    *("Bft", "rad"),
    # Pressure, energy, temperature, sound, light, radiation
    *("psi", "mmHg", "inHg", "inH2O", "mmH2O", "atm", "BTU", "Btu", "K", "C", "F", "dB", "dBA"),
    *("dBm", "dBc", "dBi", "lux", "cd", "UV index", "UVI", "CPM", "cpm"),
    # Parts and data
    *("ppm", "ppb", "ppt", "p", "pH", "AQI", "kB", "PB", "EB", "ZB", "YB"),
    # Money
    *("AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS"),
    *("INR", "ISK", "JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "RUB", "SEK", "SGD", "THB"),
    *("TRY", "UAH", "USD", "ZAR", "kr"),
)
_ATOMS: Final = frozenset(
    (
        *(prefix + unit for prefix in _PREFIXES for unit in _PREFIXED),
        *(prefix + unit for prefix in _BINARY for unit in ("B", "bit")),
        *_UNPREFIXED,
    )
)

_FACTOR = re.compile(r"(?:\d+ ?)?(?P<atom>.*?)(?:\^?-?\d)?", re.DOTALL)
_OPERATOR = re.compile(r"[/*·⋅()]+")


def is_unit(text: str) -> bool:
    """Return True if a text is a unit, alone or as a product or quotient of units."""
    if not text or len(text) > _MAX_CHARS or "_" in text:
        return False
    if text in _ATOMS or not _SYMBOLS.isdisjoint(text):
        return True
    factors = [factor.strip() for factor in _OPERATOR.split(text)]
    matches = [_FACTOR.fullmatch(factor) for factor in factors if factor]
    return bool(matches) and all(match and match["atom"] in _ATOMS for match in matches)
