"""Series names of the fields of a line-protocol point, and the point of a series name.

A series name has the measurement, the tags sorted by key, and after a space the field:
`cpu,host=attic usage_idle`. The field `value` is left out: `kitchen value=21.5` is the series
`kitchen`. Home Assistant writes the unit as the measurement, with the tags `domain` and
`entity_id`; this becomes the series `sensor.kitchen` with that unit.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.errors import MalformedError
from services.reading import series_fault, unit_fault

_DEFAULT_FIELD: Final = "value"
_DOMAIN: Final = "domain"
_ENTITY: Final = "entity_id"
_NON_UNITS: Final = frozenset({"state", "units"})

_SPECIAL_IN_MEASUREMENT = re.compile(r"([, ])")
_SPECIAL = re.compile(r"([,= ])")


class PointSeries(NamedTuple):
    """The series of one field.

    Attributes:
        name: Series name.
        unit: Unit of the series, None if the point states none.
    """

    name: str
    unit: str | None


def series_of_field(measurement: str, tags: Mapping[str, str], field: str) -> PointSeries:
    """Return the series of a field of a point.

    Args:
        measurement: Measurement of the point, without escapes.
        tags: Tags of the point, without escapes.
        field: Name of the field, without escapes.

    Raises:
        MalformedError: The name or the unit of the series breaks a rule.
    """
    if _DOMAIN in tags and _ENTITY in tags:
        series = _home_assistant_series(measurement, tags, field)
    else:
        series = PointSeries(_series_name(measurement, tags, field), None)
    fault = series_fault(series.name) or unit_fault(series.unit)
    if fault:
        raise MalformedError(fault)
    return series


def _home_assistant_series(measurement: str, tags: Mapping[str, str], field: str) -> PointSeries:
    domain, entity = tags[_DOMAIN], f"{tags[_DOMAIN]}.{tags[_ENTITY]}"
    others = {key: text for key, text in tags.items() if key not in (_DOMAIN, _ENTITY)}
    # For an entity without a unit, the measurement is the entity id or a configured word.
    is_unit = measurement not in {entity, *_NON_UNITS} and not measurement.startswith(f"{domain}__")
    unit = measurement if is_unit and field == _DEFAULT_FIELD else None
    return PointSeries(_series_name(entity, others, field), unit)


def _series_name(measurement: str, tags: Mapping[str, str], field: str) -> str:
    parts = [measurement, *(f"{key}={text}" for key, text in sorted(tags.items()))]
    name = ",".join(parts)
    return name if field == _DEFAULT_FIELD else f"{name} {field}"


def point_of_series(name: str) -> str:
    """Return measurement, tags and field of a series name as line protocol, up to the value.

    The result parses to the same name, except for backslashes at its end, which line protocol
    can't express.
    """
    name = name.rstrip("\\") or "_"
    key, _, field = name.rpartition(" ")
    return (
        _tagged_point(key, field)
        or _tagged_point(name, _DEFAULT_FIELD)
        or f"{_escape_measurement(name)} {_DEFAULT_FIELD}"
    )


def _tagged_point(key: str, field: str) -> str | None:
    """Return the point of a key with tags, or None if it would not parse to the same name."""
    measurement, *tags = key.split(",")
    pairs = [tag.partition("=") for tag in tags]
    names = [name for name, _, _ in pairs]
    parts = [measurement, field, *(part for pair in pairs for part in pair)]
    if not tags or not all(parts) or any(part.endswith("\\") for part in parts):
        return None
    if names != sorted(set(names)) or {_DOMAIN, _ENTITY} <= set(names):
        return None
    escaped = (f"{_escape(name)}={_escape(text)}" for name, _, text in pairs)
    return f"{_escape_measurement(measurement)},{','.join(escaped)} {_escape(field)}"


def _escape_measurement(text: str) -> str:
    escaped = _SPECIAL_IN_MEASUREMENT.sub(r"\\\1", text)
    # Without a backslash, # would begin a comment.
    return f"\\{escaped}" if escaped.startswith("#") else escaped


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
