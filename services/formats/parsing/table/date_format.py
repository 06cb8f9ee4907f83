"""Formats of dates that an operator or a header names: `%d/%m/%Y`, or `dd/mm/yyyy hh:mm`."""

import re
from typing import Final

from services.errors import MalformedError

_EXAMPLES: Final = "for example dd/mm/yyyy hh:mm:ss or %m/%d/%Y %I:%M %p"
_DIRECTIVES = re.compile(r"%(.)")
_KNOWN_DIRECTIVES: Final = frozenset("aAbBdfHIjmMpSyYzZ%")
_ZONE: Final = "Z"
_TOKENS = re.compile(r"y{4}|y{2}|d{1,2}|h{1,2}|s{1,2}|m{1,3}|f{1,6}|T|[\s/.,:_-]+", re.IGNORECASE)
_OF_TOKEN: Final = {
    "yyyy": "%Y",
    "yy": "%y",
    "d": "%d",
    "h": "%H",
    "s": "%S",
    "f": "%f",
    "mmm": "%b",
}

_DAY_OR_MONTH_FIRST = re.compile(
    r"""
    \d{1,2}(?P<separator>[-/.])\d{1,2}(?P=separator)(?P<year>\d{4}|\d\d)
    (?:(?P<gap>,?\ +|T)\d{1,2}:\d\d(?P<seconds>:\d\d)?(?P<fraction>[.,:]\d{1,6})?
        (?P<half>\ *[ap]m)?
    )?
    """,
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)


def suggest_formats(text: str) -> tuple[str, str]:
    """Return the formats that a time such as `8/2/26 3:30 PM` may have: day or month first."""
    match = _DAY_OR_MONTH_FIRST.fullmatch(text)
    part = {} if match is None else match.groupdict(default="")
    separator = part.get("separator", "/")
    year, clock = "%Y" if len(part.get("year", "yyyy")) > 2 else "%y", ""  # noqa: PLR2004 (digits)
    if part.get("gap"):
        clock = part["gap"] + ("%I:%M" if part["half"] else "%H:%M")
        clock += ":%S" if part["seconds"] else ""
        clock += part["fraction"][:1] + "%f" if part["fraction"] else ""
        clock += part["half"][:-2] + "%p" if part["half"] else ""
    day_first = f"%d{separator}%m{separator}{year}{clock}"
    return day_first, f"%m{separator}%d{separator}{year}{clock}"


def parse_date_format(text: str) -> str:
    """Return a format for `datetime.strptime`.

    Args:
        text: Such a format, or letters as in `dd/mm/yyyy hh:mm:ss`. There `m` means minutes after
            the hours, and months otherwise.

    Raises:
        MalformedError: The format is not understood, or leaves the day open.
    """
    strptime_format = text if "%" in text else _from_letters(text)
    directives = set(_DIRECTIVES.findall(strptime_format))
    has_date = (
        directives & set("yY") and directives & set("mbBj") and directives & set("dj")
    )  # %j is the day of the year
    if not has_date or directives - _KNOWN_DIRECTIVES or _ZONE in directives:
        raise MalformedError(f"the date format {text!r:.40} is not understood", _EXAMPLES)
    if "I" in directives and "p" not in directives:
        raise MalformedError(f"the date format {text!r:.40} has %I without %p", _EXAMPLES)
    return strptime_format


def _from_letters(text: str) -> str:
    parts, position, has_hours = [], 0, False
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None:
            raise MalformedError(f"the date format {text!r:.40} is not understood", _EXAMPLES)
        position, token = match.end(), match[0].lower()
        if token in {"m", "mm"}:
            is_month = not has_hours or (match[0] == "MM" and "mm" in text)
            parts.append("%m" if is_month else "%M")
        else:
            parts.append(_OF_TOKEN.get(token) or _OF_TOKEN.get(token[0], match[0]))
        has_hours = has_hours or token[0] == "h"
    return "".join(parts)
