"""Rules that make readings of MQTT messages: which topics, which part of a payload, which series.

    TOPIC [PATH] [=> SERIES [UNIT]]

In TOPIC, + stands for one level and # at its end for all that follow. PATH leads into a JSON
payload, `a.b.0`, and * in it stands for any key; every number at and below its end is taken.
In SERIES, {1}, {2} are what the wildcards stand for, {topic} and {path} the whole of each.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Self

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS, parse_document
from services.producer.rule_parser import SourceRule, parse_source_rules, wrong
from services.reading import value_fault

SETTING: Final = "STRIPCHART_MQTT_TOPICS"

_MOST_NUMBERS: Final = 1_000
_DEEPEST: Final = 20
_HOLE = re.compile(r"\{(\w+)\}")
_MOST_WORDS: Final = 2

Keys = tuple[str, ...]


class MqttValue(NamedTuple):
    """A number in a payload."""

    series: str
    value: float
    unit: str | None


class TopicRule(NamedTuple):
    """One rule. template: the series; empty: topic and path."""

    filter: str
    pattern: re.Pattern[str]
    path: Keys
    template: str
    unit: str | None

    @classmethod
    def of(cls, rule: SourceRule) -> Self:
        """Read the words of a rule. Raises SettingError."""
        line = " ".join(rule.words)
        if len(rule.words) > _MOST_WORDS:
            raise wrong(SETTING, line, "there must be a topic, a path or none, and =>")
        topic, path = rule.words[0], rule.words[1] if len(rule.words) > 1 else ""
        pattern = _pattern(topic)
        if pattern is None:
            raise wrong(SETTING, line, "+ must stand for a level, and # for the last")
        known = {"topic", "path", *(str(i + 1) for i in range(pattern.groups))}
        for hole in _HOLE.findall(rule.series):
            if hole not in known:
                raise wrong(SETTING, line, f"{{{hole}}} stands for nothing in its topic")
        return cls(topic, pattern, tuple(path.split(".") if path else ()), rule.series, rule.unit)

    def numbers(self, topic: str, document: object) -> Iterator[MqttValue]:
        """The numbers of a payload that this rule takes; none of another topic."""
        match = self.pattern.fullmatch(topic)
        if match is None:
            return
        holes = {str(i + 1): group or "" for i, group in enumerate(match.groups())}
        holes["topic"] = topic
        dotted = {name: text.replace("/", ".") for name, text in holes.items()}
        literal = len(self.path) if "*" not in self.path else self.path.index("*")
        for keys, value in _select(document, self.path, ()):
            yield MqttValue(self._series(dotted, keys, literal), value, self.unit)

    def _series(self, holes: dict[str, str], keys: Keys, literal: int) -> str:
        if not self.template:
            return ".".join((holes["topic"], *keys))
        filled = holes | {"path": ".".join(keys)}
        name = _HOLE.sub(lambda hole: filled[hole[1]], self.template)
        # Several numbers of one payload are several series.
        return name if "{path}" in self.template else ".".join((name, *keys[literal:]))


def topic_rules(text: str) -> list[TopicRule]:
    """The rules of the setting's text. Raises SettingError."""
    return [TopicRule.of(rule) for rule in parse_source_rules(SETTING, text)]


def found(rules: list[TopicRule], topic: str, payload: bytes) -> list[MqttValue]:
    """The numbers of a message. One that is no JSON, or too large, has none."""
    if len(payload) > MAX_ITEM_CHARS:
        return []
    try:
        document = parse_document(payload)
    except MalformedError:
        return []
    numbers: list[MqttValue] = []
    for rule in rules:
        for each in rule.numbers(topic, document):
            if len(numbers) == _MOST_NUMBERS:
                return numbers
            numbers.append(each)
    return numbers


def _pattern(topic: str) -> re.Pattern[str] | None:
    """What topics look like that a filter takes; None when it is no filter."""
    levels = topic.split("/")
    if (
        any(len(level) > 1 and ("+" in level or "#" in level) for level in levels)
        or "#" in levels[:-1]
    ):
        return None
    whole = levels[-1] == "#"
    text = "/".join(
        "([^/]*)" if level == "+" else re.escape(level) for level in levels[: len(levels) - whole]
    )
    if whole:
        # What # stands for may also be nothing: then the topic ends before its slash.
        text += "(?:/(.*))?" if len(levels) > 1 else "(.*)"
    return re.compile(text, re.DOTALL)


def _select(value: object, path: Keys, keys: Keys) -> Iterator[tuple[Keys, float]]:
    """Every number at and below the end of a path, with the keys that lead to it."""
    if len(keys) > _DEEPEST:
        return
    if not path and (isinstance(value, bool) or value_fault(value) is None):
        yield keys, float(value)  # type: ignore[arg-type]  # it is a number
        return
    children: Iterator[tuple[str, object]] = iter(())
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = ((str(place), each) for place, each in enumerate(value))
    for key, child in children:
        if not path:
            yield from _select(child, (), (*keys, key))
        elif path[0] in ("*", key):
            yield from _select(child, path[1:], (*keys, key))
