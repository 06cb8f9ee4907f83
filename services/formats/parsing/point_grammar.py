"""Grammar of InfluxDB's line protocol: parses one line, or names the fault of an invalid one.

As in InfluxDB, a backslash before a comma, a space or an equals sign makes it part of a name. Any
other backslash outside of a string is an ordinary character.
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
_TIMESTAMP = re.compile(r"-?\d{1,19}", re.ASCII)
_ESCAPED_IN_MEASUREMENT = re.compile(r"\\([, ])|^\\(?=#)")
_ESCAPED = re.compile(r"\\([,= ])")
_ESCAPED_IN_STRING = re.compile(r'\\(["\\])')
_SPACES: Final = " \t\x00"


class OpenStringError(MalformedError):
    """A string is not closed. It may continue after a line break."""


class Field(NamedTuple):
    """A field of a point.

    Attributes:
        raw: Name as written, with escapes.
        name: Name without escapes.
        value: Number of the field, None for a string.
        text: String of the field, without escapes; empty for a number.
    """

    raw: str
    name: str
    value: float | None
    text: str = ""


class Point(NamedTuple):
    """A parsed line.

    Attributes:
        key: Measurement and tags as written, with escapes.
        measurement: Measurement without escapes.
        tags: Tags without escapes.
        fields: At least one field.
        timestamp: Time in the precision of the text, None if the line has none.
    """

    key: str
    measurement: str
    tags: dict[str, str]
    fields: list[Field]
    timestamp: int | None


def parse_point(line: str) -> Point:
    """Parse a line.

    Raises:
        OpenStringError: The line ends within a string.
        MalformedError: The line breaks the grammar.
    """
    line = line.lstrip(_SPACES)
    match = _KEY.match(line)
    if match is None or line.startswith(","):
        raise MalformedError("missing measurement")
    key = match[0]
    measurement, *tags = _COMMA.split(key)
    position = _skip_spaces(line, match.end())
    if position == len(line):
        raise MalformedError("missing fields")
    fields, position = _parse_fields(line, position)
    return Point(
        key,
        _ESCAPED_IN_MEASUREMENT.sub(r"\1", measurement),
        _parse_tags(tags),
        fields,
        _parse_timestamp(line[position:].strip(_SPACES + "\r")),
    )


def parse_value(text: str) -> float:
    """Parse a value that is not a string: a float, an integer such as 3i or 3u, or a boolean.

    Raises:
        MalformedError: The text is none of these, or not finite.
    """
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


def _parse_tags(parts: list[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for part in parts:
        name, *texts = _EQUALS.split(part, 1)
        if not name:
            raise MalformedError("missing tag key")
        if not texts or not texts[0]:
            raise MalformedError("missing tag value")
        if _EQUALS.search(texts[0]):
            raise MalformedError("invalid tag format")
        name = _unescape(name)
        if name in tags:
            raise MalformedError("duplicate tags")
        tags[name] = _unescape(texts[0])
    return tags


def _parse_fields(line: str, position: int) -> tuple[list[Field], int]:
    """Parse all fields from a position on. Return them and the position after them."""
    fields: list[Field] = []
    while True:
        name = _FIELD_NAME.match(line, position)
        if name is None:
            raise MalformedError("missing field key")
        if line[name.end() : name.end() + 1] != "=":
            raise MalformedError("invalid field format" if fields else "missing fields")
        value, text, position = _parse_field_value(line, name.end() + 1)
        fields.append(Field(name[0], _unescape(name[0]), value, text))
        if line[position : position + 1] != ",":
            return fields, position
        position += 1


def _parse_field_value(line: str, position: int) -> tuple[float | None, str, int]:
    """Parse a value. Return it, or None for a string, then the string, and the position after."""
    if line[position : position + 1] == '"':
        string = _STRING.match(line, position)
        if string is None:
            raise OpenStringError("unbalanced quotes")
        if line[string.end() : string.end() + 1] not in {"", ",", " ", "\r"}:
            raise MalformedError("invalid field format")
        return None, _ESCAPED_IN_STRING.sub(r"\1", string[0][1:-1]), string.end()
    plain = _PLAIN.match(line, position)
    text = plain[0].rstrip("\r") if plain else ""
    if not text:
        raise MalformedError("missing field value")
    return parse_value(text), "", position + len(text)


def _parse_timestamp(text: str) -> int | None:
    if not text:
        return None
    if not _TIMESTAMP.fullmatch(text):
        raise MalformedError("bad timestamp")
    return int(text)


def _skip_spaces(line: str, position: int) -> int:
    while line[position : position + 1] in {*_SPACES}:
        position += 1
    return position


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
