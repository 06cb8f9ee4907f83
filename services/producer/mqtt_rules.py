"""Rules that turn MQTT messages into readings: topic, part of the payload, series.

    TOPIC [PATH] [=> SERIES [UNIT]]

In TOPIC, + matches one level, and # at the end matches all further levels. PATH leads into a JSON
payload, such as `a.b.0`; * in it matches any key. All numbers at and below its end are used. In
SERIES, {1}, {2} are the matches of the wildcards; {topic} and {path} are the whole topic and path.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Self

from services.errors import MalformedError
from services.formats.parsing.json_stream import MAX_ITEM_CHARS, parse_document
from services.producer.rule_parser import SourceRule, parse_source_rules, rule_error
from services.reading import value_fault

SETTING: Final = "STRIPCHART_MQTT_TOPICS"

_MAX_VALUES: Final = 1_000
"""Values that are read from one message."""

_MAX_DEPTH: Final = 20
_MAX_WORDS: Final = 2
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

Keys = tuple[str, ...]


class MqttValue(NamedTuple):
    """A number in a payload, with its series and unit."""

    series: str
    value: float
    unit: str | None


class TopicRule(NamedTuple):
    """One rule.

    Attributes:
        filter: The topic filter, as MQTT defines it.
        pattern: Matches the topics of the filter; its groups are the wildcards.
        path: Keys that lead into the payload.
        template: Name of the series, with placeholders. Empty for topic and path.
        unit: The unit, or None.
    """

    filter: str
    pattern: re.Pattern[str]
    path: Keys
    template: str
    unit: str | None

    @classmethod
    def parse(cls, rule: SourceRule) -> Self:
        """Parse the words of a rule.

        Raises:
            SettingError: The rule is invalid.
        """
        line = " ".join(rule.words)
        if len(rule.words) > _MAX_WORDS:
            raise rule_error(SETTING, line, "write a topic, optionally a path, and =>")
        topic, path = rule.words[0], rule.words[1] if len(rule.words) > 1 else ""
        pattern = _compile_filter(topic)
        if pattern is None:
            raise rule_error(SETTING, line, "+ must be a whole level, and # the last level")
        names = {"topic", "path", *(str(i + 1) for i in range(pattern.groups))}
        for placeholder in _PLACEHOLDER.findall(rule.series):
            if placeholder not in names:
                raise rule_error(SETTING, line, f"{{{placeholder}}} matches nothing in the topic")
        return cls(topic, pattern, tuple(path.split(".") if path else ()), rule.series, rule.unit)

    def extract(self, topic: str, document: object) -> Iterator[MqttValue]:
        """Yield the values that this rule finds in a decoded payload.

        Args:
            topic: Topic of the message. If it does not match, there are no values.
            document: The decoded payload.
        """
        match = self.pattern.fullmatch(topic)
        if match is None:
            return
        texts = {str(i + 1): group or "" for i, group in enumerate(match.groups())}
        texts["topic"] = topic
        dotted = {name: text.replace("/", ".") for name, text in texts.items()}
        literal_keys = len(self.path) if "*" not in self.path else self.path.index("*")
        for keys, value in _find_numbers(document, self.path, ()):
            yield MqttValue(self._series_name(dotted, keys, literal_keys), value, self.unit)

    def _series_name(self, texts: dict[str, str], keys: Keys, literal_keys: int) -> str:
        if not self.template:
            return ".".join((texts["topic"], *keys))
        all_texts = texts | {"path": ".".join(keys)}
        name = _PLACEHOLDER.sub(lambda match: all_texts[match[1]], self.template)
        # Several numbers in one payload need several names: append the keys that vary.
        return name if "{path}" in self.template else ".".join((name, *keys[literal_keys:]))


def parse_topic_rules(text: str) -> list[TopicRule]:
    """Parse the value of STRIPCHART_MQTT_TOPICS.

    Raises:
        SettingError: There is no rule, or a rule is invalid.
    """
    return [TopicRule.parse(rule) for rule in parse_source_rules(SETTING, text)]


def extract_values(rules: list[TopicRule], topic: str, payload: bytes) -> list[MqttValue]:
    """Return the values that all rules find in a message, at most 1,000.

    Args:
        rules: Every rule with a matching topic applies.
        topic: Topic of the message.
        payload: JSON. A payload that is not JSON, or too large, has no values.
    """
    if len(payload) > MAX_ITEM_CHARS:
        return []
    try:
        document = parse_document(payload)
    except MalformedError:
        return []
    values: list[MqttValue] = []
    for rule in rules:
        for value in rule.extract(topic, document):
            if len(values) == _MAX_VALUES:
                return values
            values.append(value)
    return values


def _compile_filter(topic: str) -> re.Pattern[str] | None:
    """Return the pattern of the topics that a filter matches, or None for an invalid filter."""
    levels = topic.split("/")
    if (
        any(len(level) > 1 and ("+" in level or "#" in level) for level in levels)
        or "#" in levels[:-1]
    ):
        return None
    open_ended = levels[-1] == "#"
    fixed_levels = levels[: len(levels) - open_ended]
    text = "/".join("([^/]*)" if level == "+" else re.escape(level) for level in fixed_levels)
    if open_ended:
        # # also matches no level at all: the topic then ends before the slash.
        text += "(?:/(.*))?" if len(levels) > 1 else "(.*)"
    return re.compile(text, re.DOTALL)


def _find_numbers(value: object, path: Keys, keys: Keys) -> Iterator[tuple[Keys, float]]:
    """Yield every number at and below the end of a path, with the keys that lead to it."""
    if len(keys) > _MAX_DEPTH:
        return
    if not path and (isinstance(value, bool) or value_fault(value) is None):
        yield keys, float(value)  # type: ignore[arg-type]  # it is a number
        return
    children: Iterator[tuple[str, object]] = iter(())
    if isinstance(value, dict):
        children = iter(value.items())
    elif isinstance(value, list):
        children = ((str(index), item) for index, item in enumerate(value))
    for key, child in children:
        if not path:
            yield from _find_numbers(child, (), (*keys, key))
        elif path[0] in ("*", key):
            yield from _find_numbers(child, path[1:], (*keys, key))
