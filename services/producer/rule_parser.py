"""Rules of a source, one on each line: where a value comes from, and the series that it is for.

    cat /sys/class/thermal/thermal_zone0/temp => pi.temperature m°C

Words are told apart as a shell does, so one with spaces stands in quotes.
"""

import shlex
from typing import Final, NamedTuple

from services.errors import SettingError

_ARROW: Final = "=>"
_MOST_NAMED: Final = 2


class SourceRule(NamedTuple):
    """A line of rules. series: empty where the line names none."""

    words: list[str]
    series: str
    unit: str | None


def parse_source_rules(setting: str, text: str) -> list[SourceRule]:
    """The rules of a setting's text. Raises SettingError when there is none, or one is wrong."""
    rules = [_rule(setting, line) for line in text.splitlines() if line.strip()]
    if not rules:
        raise SettingError(f"{setting} has no rule", "docs/sources.md shows some")
    return rules


def _rule(setting: str, line: str) -> SourceRule:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise wrong(setting, line, str(error)) from error
    names: list[str] = []
    if _ARROW in words:
        # The last one: a command may well have another among its own words.
        place = len(words) - 1 - words[::-1].index(_ARROW)
        words, names = words[:place], words[place + 1 :]
        if not 1 <= len(names) <= _MOST_NAMED:
            raise wrong(setting, line, f"a series, and maybe a unit, must follow {_ARROW}")
    if not words:
        raise wrong(setting, line, f"there is nothing before {_ARROW}")
    return SourceRule(
        words, names[0] if names else "", names[1] if len(names) == _MOST_NAMED else None
    )


def wrong(setting: str, line: str, why: str) -> SettingError:
    """The error for a rule that can't be used."""
    return SettingError(f"{setting}: {line.strip()!r} can't be used: {why}")
