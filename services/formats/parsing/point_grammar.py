"""The grammar of a line of InfluxDB's line protocol, and what is wrong with one that breaks it.

A comma, a space or an equals sign is a part of a name where a backslash stands before it; any
other backslash outside of a string is just a backslash. So it is in InfluxDB.
"""

import math
import re
from typing import Final, NamedTuple

from services.errors import MalformedError

BOOLEANS: Final = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), 1.0),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), 0.0),
}

_KEY = re.compile(r"(?:[^\\ ]|\\+ ?)+")
_COMMA = re.compile(r"(?<!\\),")
_EQUALS = re.compile(r"(?<!\\)=")
_FIELD_NAME = re.compile(r"(?:[^\\,= ]|\\+[,= ]?)+")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_PLAIN = re.compile(r"[^, ]*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"([+-]?\d+)i|(\d+)u", re.ASCII)
_STAMP = re.compile(r"-?\d{1,19}", re.ASCII)
_ESCAPED_IN_MEASUREMENT = re.compile(r"\\([, ])|^\\(?=#)")
_ESCAPED = re.compile(r"\\([,= ])")
_SPACES: Final = " \t\x00"


class OpenStringError(MalformedError):
    """A string is not closed: it may go on after a line break."""


class Field(NamedTuple):
    """A field of a point. raw: its name as it was written; value: None for a string."""

    raw: str
    name: str
    value: float | None


class Point(NamedTuple):
    """A line. key: measurement and tags as they were written; stamp: its time, if it has one."""

    key: str
    measurement: str
    tags: dict[str, str]
    fields: list[Field]
    stamp: int | None


def parse_point(line: str) -> Point:
    """Take a line apart. Raises MalformedError, OpenStringError."""
    line = line.lstrip(_SPACES)
    found = _KEY.match(line)
    if found is None or line.startswith(","):
        raise MalformedError("missing measurement")
    key = found[0]
    measurement, *tags = _COMMA.split(key)
    place = _past_spaces(line, found.end())
    if place == len(line):
        raise MalformedError("missing fields")
    fields, place = _fields(line, place)
    return Point(
        key,
        _ESCAPED_IN_MEASUREMENT.sub(r"\1", measurement),
        _tags(tags),
        fields,
        _stamp(line[place:].strip(_SPACES + "\r")),
    )


def parse_value(text: str) -> float:
    """The number of a value that is no string. Raises MalformedError."""
    integer = _INTEGER.fullmatch(text)
    if integer is None and not _NUMBER.fullmatch(text):
        boolean = BOOLEANS.get(text)
        if boolean is None:
            raise MalformedError("invalid boolean" if text[:1] in "tTfF" else "invalid number")
        return boolean
    value = float(text[:-1] if integer else text)
    if not math.isfinite(value):
        raise MalformedError("value must be a finite number")
    return value


def _tags(parts: list[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for part in parts:
        name, *texts = _EQUALS.split(part, 1)
        if not name:
            raise MalformedError("missing tag key")
        if not texts or not texts[0]:
            raise MalformedError("missing tag value")
        if _EQUALS.search(texts[0]):
            raise MalformedError("invalid tag format")
        name = _unescaped(name)
        if name in tags:
            raise MalformedError("duplicate tags")
        tags[name] = _unescaped(texts[0])
    return tags


def _fields(line: str, place: int) -> tuple[list[Field], int]:
    """The fields from this place on, and the place after them."""
    fields: list[Field] = []
    while True:
        named = _FIELD_NAME.match(line, place)
        if named is None:
            raise MalformedError("missing field key")
        if line[named.end() : named.end() + 1] != "=":
            raise MalformedError("invalid field format" if fields else "missing fields")
        value, place = _value(line, named.end() + 1)
        fields.append(Field(named[0], _unescaped(named[0]), value))
        if line[place : place + 1] != ",":
            return fields, place
        place += 1


def _value(line: str, place: int) -> tuple[float | None, int]:
    """A value and the place after it; None is a string."""
    if line[place : place + 1] == '"':
        string = _STRING.match(line, place)
        if string is None:
            raise OpenStringError("unbalanced quotes")
        if line[string.end() : string.end() + 1] not in {"", ",", " ", "\r"}:
            raise MalformedError("invalid field format")
        return None, string.end()
    plain = _PLAIN.match(line, place)
    text = plain[0].rstrip("\r") if plain else ""
    if not text:
        raise MalformedError("missing field value")
    return parse_value(text), place + len(text)


def _stamp(text: str) -> int | None:
    if not text:
        return None
    if not _STAMP.fullmatch(text):
        raise MalformedError("bad timestamp")
    return int(text)


def _past_spaces(line: str, place: int) -> int:
    while line[place : place + 1] in {*_SPACES}:
        place += 1
    return place


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
