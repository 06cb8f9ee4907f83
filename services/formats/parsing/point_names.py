"""Series names of the fields of a line-protocol point, and the point of a series name.

A series name has the measurement, the tags sorted by key, and after a space the field:
`cpu,host=attic usage_idle`. The field `value` is left out: `kitchen value=21.5` is the series
`kitchen`. A point with the tags `domain` and `entity_id` comes from Home Assistant: it becomes the
series `sensor.kitchen`. Its unit is the measurement, or a string field if the user has configured
other measurements.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.errors import MalformedError
from services.formats.parsing.unit_names import is_unit
from services.point import SeriesPoint, SeriesPoints
from services.reading import series_fault, unit_fault

_DEFAULT_FIELD: Final = "value"
_DOMAIN: Final = "domain"
_ENTITY: Final = "entity_id"

UNIT_FIELD: Final = "unit_of_measurement_str"
"""The string field in which Home Assistant sends a unit that is not the measurement."""

_SPECIAL_IN_MEASUREMENT = re.compile(r"([, ])")
_SPECIAL = re.compile(r"([,= ])")


class UnstorableSeriesError(MalformedError):
    """A point is valid, but the name of one of its series breaks a rule."""


class FieldSeries(NamedTuple):
    """The series of one field.

    Attributes:
        name: Series name.
        unit: Unit of the series, None if the point states none.
        point: Measurement, field and tags, None if they follow from the name.
    """

    name: str
    unit: str | None
    point: SeriesPoint | None


def series_of_field(
    measurement: str, tags: Mapping[str, str], field: str, sent_unit: str | None = None
) -> FieldSeries:
    """Return the series of a field of a point.

    Args:
        measurement: Measurement of the point, without escapes.
        tags: Tags of the point, without escapes.
        field: Name of the field, without escapes.
        sent_unit: The point's string field UNIT_FIELD, None if it has none.

    Raises:
        UnstorableSeriesError: The name of the series breaks a rule.
    """
    point = SeriesPoint(measurement, field, dict(sorted(tags.items())))
    name = series_name(point)
    fault = series_fault(name)
    if fault:
        raise UnstorableSeriesError(fault)
    unit = _unit(point, sent_unit)
    return FieldSeries(name, unit, None if infer_point(name) == point else point)


def series_name(point: SeriesPoint) -> str:
    """Return the name of a point's series."""
    tags, measurement = point.tags, point.measurement
    if _is_home_assistant(tags):
        measurement = f"{tags[_DOMAIN]}.{tags[_ENTITY]}"
        tags = {key: text for key, text in tags.items() if key not in (_DOMAIN, _ENTITY)}
    name = ",".join([measurement, *(f"{key}={text}" for key, text in sorted(tags.items()))])
    return name if point.field == _DEFAULT_FIELD else f"{name} {point.field}"


def find_point(name: str, points: SeriesPoints) -> SeriesPoint | None:
    """Return the point of a series.

    Args:
        name: Name of the series.
        points: Points of a message.

    Returns:
        None if the series has no point, or if its point belongs to another name.
    """
    if name not in points:
        return None
    point = points[name]
    if point is None:
        return infer_point(name)
    return point if series_name(point) == name else None


def infer_point(name: str) -> SeriesPoint:
    """Return the point that a series name seems to have.

    It is wrong for a series of Home Assistant, and where names or tags have commas, spaces or
    equals signs.
    """
    key, _, field = name.rpartition(" ")
    if not key:
        key, field = name, _DEFAULT_FIELD
    measurement, *tags = key.split(",")
    pairs = (tag.partition("=") for tag in tags)
    return SeriesPoint(measurement, field, {tag: text for tag, _, text in pairs})


def _is_home_assistant(tags: Mapping[str, str]) -> bool:
    return _DOMAIN in tags and _ENTITY in tags


def _unit(point: SeriesPoint, sent_unit: str | None) -> str | None:
    """Return the unit that a point of Home Assistant states, None for any other point."""
    if point.field != _DEFAULT_FIELD or not _is_home_assistant(point.tags):
        return None
    if sent_unit is not None:
        return None if unit_fault(sent_unit) else sent_unit or None
    # Home Assistant also sends points whose measurement is the entity id, or a configured word.
    return point.measurement if is_unit(point.measurement) else None


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
