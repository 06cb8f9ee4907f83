"""Names in the header of a table, and their meanings."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from services.errors import MalformedError
from services.formats.parsing.table.cell_numbers import MISSING_VALUES
from services.formats.parsing.table.date_format import parse_date_format
from services.formats.parsing.table.dialect import unescape_formula
from services.formats.parsing.table.times import TimeHint

NameRole = Literal[
    "time", "series", "value", "unit", "harmless", "identifier", "counter", "zone", "other"
]
"""Meaning of a name; see `HeaderName`."""

LEFT_OUT: Final = frozenset({"", "-"})
"""Names in the option for columns that leave a column out."""

# Names without spaces, underscores and the like.
_ROLE_NAMES: Final[dict[NameRole, str]] = {
    "time": """time timestamp date datetime ts createdat lastchanged lastupdated unixtime
        unixtimestamp epoch epochtime localtime""",
    "series": "series name metric sensor entityid topic",
    "value": "value state",
    "unit": "unit unitofmeasurement",
    "zone": "timezone tz utcoffset gmtoffset tzoffset timezoneoffset",
    # A column that may tell apart the series of one column of values.
    "identifier": """device deviceid devicename id uid uuid guid node nodeid nodename station
        stationid stationname location locationid locationname room place site area zone mac
        macaddress address ip ipaddress host hostname serial serialnumber serialno sn probe
        probeid channel channelid sensorid sensorname metricname seriesname label key item object
        tag tags labels source parameter variable measurement field type kind domain friendlyname
        entity entityname thing meter meterid meterserial floor building deveui eui instance job
        property code user group city country region ch dev devid deviceno deviceserial sensorno
        stationno nodeno channelno channelname slave slaveid module modulename moduleid""",
    # A column that may hold the numbers of the rows. So may one without a name.
    "counter": """# no nr index idx row rowid rowno rownumber entryid entryno record recordid
        recordno recno seq sequence sample sampleno scan unnamed:0""",
}
_ROLES: Final = {word: role for role, text in _ROLE_NAMES.items() for word in text.split()}
_IDENTIFIER_ENDS: Final = frozenset({"id", "nr", "number"})
"""Last words of names such as `pump id`."""

_HARMLESS_TEXT = """note notes comment comments remark remarks direction dir status condition
    conditions weather mode quality icon alarm warning warnings error errors flag flags attributes
    firmware version qos retain retained trend"""
_HARMLESS_WORDS: Final = frozenset(_HARMLESS_TEXT.split())
"""Words of columns whose texts say something about a reading, and do not name its series."""

_HARMLESS_NAMES: Final = frozenset({"deviceclass", "stateclass"})
_STATISTIC_WORDS = "avg average mean min minimum max maximum sum total median last first raw"
_STATISTICS: Final = frozenset(_STATISTIC_WORDS.split())
"""Words in brackets that are no units."""

_SCALES: Final = {
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms",
    "us": "us", "µs": "us", "microseconds": "us",
    "ns": "ns", "nanoseconds": "ns",
}  # fmt: skip
_UNIX_WORDS: Final = frozenset({"unix", "epoch", "posix"})
_UTC_WORDS: Final = frozenset({"utc", "gmt", "z", "zulu"})
_CLOCK_LETTERS: Final = frozenset("hms:.f24 ")
_CLEAR_DATE = re.compile(r"%Y|%d\.%m\.%Y")

_BRACKETS = re.compile(r"(.*\S)\s*(?:\[([^\[\]]+)\]|\(((?:[^()]|\([^()]*\))+)\))", re.DOTALL)
_QUOTED = re.compile(r"(['\"])[^'\"]+\1")
_BETWEEN_WORDS = re.compile(r"[\s_/.&-]+")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d+)?\s*%?", re.ASCII | re.IGNORECASE)
_TIME_LIKE = re.compile(
    r"""
    (?: (?:19|20)\d\d(?P<sep>[-/.]?)(?:0?[1-9]|1[0-2])(?P=sep)[0-3]?\d
      | [0-3]?\d[-/.][0-3]?\d[-/.](?:\d\d){1,2}
    )
    (?:T?[\s,]*\d.*)?
    | \d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[ap]m)?
    """,
    re.ASCII | re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_INFINITIES: Final = frozenset({"inf", "+inf", "-inf", "infinity", "-infinity"})


class HeaderName(NamedTuple):
    """A cell of a header.

    Attributes:
        text: The cell, without needless spaces and quotes.
        name: The text without brackets at its end.
        bracket: The text in those brackets, None without.
        role: Meaning of the name. "harmless" may hold texts that name no series, "identifier" may
            tell series apart, "counter" may count the rows, "zone" holds the zones of the times.
            "other" is anything else.
        hint: What the name of a column of times says about them.
    """

    text: str
    name: str
    bracket: str | None
    role: NameRole
    hint: TimeHint = TimeHint()

    @property
    def series(self) -> str:
        """Name of the series if the column holds one."""
        return self.text if self._is_statistic else self.name

    @property
    def unit(self) -> str | None:
        """Unit of the series if the column holds one."""
        return None if self._is_statistic else self.bracket

    @property
    def _is_statistic(self) -> bool:
        return self.bracket is not None and self.bracket.lower() in _STATISTICS


def parse_name(cell: str) -> HeaderName:
    """Parse a cell of a header."""
    text = unescape_formula(" ".join(cell.split()))
    if _QUOTED.fullmatch(text):
        text = text[1:-1].strip()
    match = _BRACKETS.fullmatch(text)
    name, bracket = (match[1], (match[2] or match[3]).strip()) if match else (text, None)
    words = [word for word in _BETWEEN_WORDS.split(name.lower()) if word]
    word = "".join(words)
    hint = TimeHint()
    role: NameRole = _ROLES.get(word, "other") if word else "counter"
    if role == "counter" and bracket:
        role = "other"
    if role == "other":
        hint = _hint_of_words(words) or hint
        if hint != TimeHint():
            role = "time"
        elif word in _HARMLESS_NAMES or _HARMLESS_WORDS.intersection(words):
            role = "harmless"
        elif len(words) > 1 and words[-1] in _IDENTIFIER_ENDS:
            role = "identifier"
    return HeaderName(text, name, bracket or None, role, hint)


def time_hint(names: Iterable[HeaderName], zone: tzinfo) -> TimeHint:
    """Return what the header says about the times.

    Args:
        names: The names of the columns of times.
        zone: The zone that the operator names.

    Raises:
        MalformedError: The text in brackets is not understood.
    """
    names = list(names)
    for name in names:
        if "local" in name.name.lower() and zone is UTC:
            raise _unclear_zone(name)
    found = [hint for name in names for hint in (name.hint, _hint_of_bracket(name, zone))]
    return TimeHint(
        next((hint.zone for hint in found if hint.zone), None),
        next((hint.scale for hint in found if hint.scale), None),
        next((hint.date_format for hint in found if hint.date_format), None),
    )


def is_data(text: str) -> bool:
    """Return True for a cell that can't be a name: a number, a time, or a missing value."""
    text = text.strip()
    word = text.lower()
    return bool(
        _NUMBER.fullmatch(text)
        or _TIME_LIKE.fullmatch(text)
        or word in _INFINITIES
        or (word in MISSING_VALUES and word not in {"unknown", "unavailable"})
    )


def is_time(text: str) -> bool:
    """Return True for a cell that looks like a time, other than a Unix time."""
    return _TIME_LIKE.fullmatch(text.strip()) is not None


def is_name(text: str) -> bool:
    """Return True if a text can name a series: it is no number, no time and not missing."""
    return bool(text.strip()) and not is_data(text)


def _hint_of_words(words: list[str]) -> TimeHint | None:
    """Return the hint in a name such as `timestamp_ms` or `utc time`, None without one."""
    if len(words) < 2:  # noqa: PLR2004 (a name and a hint)
        return None
    for hint, rest in ((words[-1], words[:-1]), (words[0], words[1:])):
        if _ROLES.get("".join(rest)) != "time":
            continue
        if hint in _UTC_WORDS:
            return TimeHint(zone=UTC)
        if hint in _SCALES:
            return TimeHint(scale=_SCALES[hint])
    return None


def _hint_of_bracket(name: HeaderName, zone: tzinfo) -> TimeHint:
    text = name.bracket
    if text is None or text.lower() in _UNIX_WORDS:
        return TimeHint()
    words = text.lower().split()
    if words[0] in _UNIX_WORDS:
        words = words[1:]
    if " ".join(words) in _SCALES:
        return TimeHint(scale=_SCALES[" ".join(words)])
    with suppress(MalformedError):
        date_format = parse_date_format(text)
        # Times with the year first or with dots are understood without a format.
        return TimeHint(date_format=None if _CLEAR_DATE.match(date_format) else date_format)
    found = _parse_zone(text)
    if found is not None:
        return TimeHint(zone=found)
    if zone is not UTC or not set(text.lower()) - _CLOCK_LETTERS:
        return TimeHint()
    raise _unclear_zone(name)


def _unclear_zone(name: HeaderName) -> MalformedError:
    return MalformedError(
        f"the column {name.text!r:.60} does not say clearly which zone its times have",
        "name it with --timezone, for example Europe/Berlin",
    )


def _parse_zone(text: str) -> tzinfo | None:
    if text.lower() in _UTC_WORDS:
        return UTC
    match = _OFFSET.fullmatch(text)
    if match is not None:
        hours, minutes = int(match[2]), int(match[3] or 0)
        if hours > 14 or minutes > 59:  # noqa: PLR2004 (the largest offset is 14 hours)
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if match[1] == "-" else offset)
    if "/" not in text:
        return None
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # a KeyError for an unknown name
        return None
