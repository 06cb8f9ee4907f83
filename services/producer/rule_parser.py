"""Parser for a source's rules, one on each line: where a value comes from, and its series.

    cat /sys/class/thermal/thermal_zone0/temp => pi.temperature m°C

Words are split as a shell splits them, so a word that contains spaces must be quoted.
"""

import shlex
from typing import Final, NamedTuple

from services.errors import SettingError

_ARROW: Final = "=>"
_MAX_TARGET_WORDS: Final = 2


class SourceRule(NamedTuple):
    """One rule.

    Attributes:
        words: The words before the arrow.
        series: The series after the arrow; empty if the rule names none.
        unit: The unit after the series, or None.
    """

    words: list[str]
    series: str
    unit: str | None


def parse_source_rules(setting: str, text: str) -> list[SourceRule]:
    """Parse the value of a setting into rules.

    Args:
        setting: Name of the setting, for error messages.
        text: Its value, one rule on each line.

    Returns:
        At least one rule.

    Raises:
        SettingError: There is no rule, or a rule is invalid.
    """
    rules = [_parse_rule(setting, line) for line in text.splitlines() if line.strip()]
    if not rules:
        raise SettingError(f"{setting} has no rule", "see docs/sources.md for examples")
    return rules


def rule_error(setting: str, line: str, reason: str) -> SettingError:
    """Return the error for an invalid rule."""
    return SettingError(f"{setting}: rule {line.strip()!r} can't be used: {reason}")


def _parse_rule(setting: str, line: str) -> SourceRule:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise rule_error(setting, line, str(error)) from error
    target: list[str] = []
    if _ARROW in words:
        # The last arrow counts: a command may contain one among its own words.
        arrow = len(words) - 1 - words[::-1].index(_ARROW)
        words, target = words[:arrow], words[arrow + 1 :]
        if not 1 <= len(target) <= _MAX_TARGET_WORDS:
            raise rule_error(
                setting, line, f"a series, and optionally a unit, must follow {_ARROW}"
            )
    if not words:
        raise rule_error(setting, line, f"there is nothing before {_ARROW}")
    series = target[0] if target else ""
    unit = target[1] if len(target) == _MAX_TARGET_WORDS else None
    return SourceRule(words, series, unit)
