"""Which series a field of a point of line protocol belongs to, and what point a series makes.

The name of a series is the measurement, the tags by their names, and after a space the field:
`cpu,host=attic usage_idle`. The field `value` goes without saying: `kitchen value=21.5` is the
series `kitchen`. Home Assistant writes the unit where the measurement should be, and the tags
`domain` and `entity_id`: that is the series `sensor.kitchen` with this unit.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.errors import MalformedError
from services.reading import series_fault, unit_fault

_VALUE: Final = "value"
_DOMAIN: Final = "domain"
_ENTITY: Final = "entity_id"
_NO_UNITS: Final = frozenset({"state", "units"})

_TO_ESCAPE_FIRST = re.compile(r"([, ])")
_TO_ESCAPE = re.compile(r"([,= ])")


class PointSeries(NamedTuple):
    """What is known of a series by its point."""

    name: str
    unit: str | None


def series_of_field(measurement: str, tags: Mapping[str, str], field: str) -> PointSeries:
    """The series of a field. Raises MalformedError where its name breaks a rule."""
    if _DOMAIN in tags and _ENTITY in tags:
        series = _of_home_assistant(measurement, tags, field)
    else:
        series = PointSeries(_name(measurement, tags, field), None)
    fault = series_fault(series.name) or unit_fault(series.unit)
    if fault:
        raise MalformedError(fault)
    return series


def _of_home_assistant(measurement: str, tags: Mapping[str, str], field: str) -> PointSeries:
    domain, entity = tags[_DOMAIN], f"{tags[_DOMAIN]}.{tags[_ENTITY]}"
    others = {key: text for key, text in tags.items() if key not in (_DOMAIN, _ENTITY)}
    # Without a unit it writes the entity, or what it is configured to write.
    is_unit = measurement not in {entity, *_NO_UNITS} and not measurement.startswith(f"{domain}__")
    unit = measurement if is_unit and field == _VALUE else None
    return PointSeries(_name(entity, others, field), unit)


def _name(measurement: str, tags: Mapping[str, str], field: str) -> str:
    parts = [measurement, *(f"{key}={text}" for key, text in sorted(tags.items()))]
    name = ",".join(parts)
    return name if field == _VALUE else f"{name} {field}"


def point_of_series(name: str) -> str:
    """Measurement, tags and field of a series as line protocol, up to the value.

    Read again it gives the same name, but for backslashes at its end: line protocol has none there.
    """
    name = name.rstrip("\\") or "_"
    key, _, field = name.rpartition(" ")
    return _tagged(key, field) or _tagged(name, _VALUE) or f"{_measurement(name)} {_VALUE}"


def _tagged(key: str, field: str) -> str | None:
    """The point of a key with tags, or None where this is none, or would not be read as itself."""
    measurement, *tags = key.split(",")
    pairs = [tag.partition("=") for tag in tags]
    names = [name for name, _, _ in pairs]
    parts = [measurement, field, *(part for pair in pairs for part in pair)]
    if not tags or not all(parts) or any(part.endswith("\\") for part in parts):
        return None
    if names != sorted(set(names)) or {_DOMAIN, _ENTITY} <= set(names):
        return None
    written = (f"{_escaped(name)}={_escaped(text)}" for name, _, text in pairs)
    return f"{_measurement(measurement)},{','.join(written)} {_escaped(field)}"


def _measurement(text: str) -> str:
    escaped = _TO_ESCAPE_FIRST.sub(r"\\\1", text)
    # Else it would be a comment.
    return f"\\{escaped}" if escaped.startswith("#") else escaped


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(r"\\\1", text)
