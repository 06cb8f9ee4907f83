"""Rules that turn MQTT messages into readings: topic, part of the payload, series.

    TOPIC [PATH] [=> SERIES [UNIT]]
    !TOPIC

In TOPIC, + matches one level, and # at the end matches all further levels. PATH leads into a JSON
payload, such as `a.b.0`; * in it matches any key. All numbers at and below its end are used. In
SERIES, {1}, {2} are the matches of the wildcards; {topic} and {path} are the whole topic and path.
A rule with ! excludes topics from all other rules.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from services.errors import MalformedError
from services.formats.parsing.quantities import DoubtfulNumberError
from services.producer.mqtt_filters import TopicFilter
from services.producer.mqtt_payload import (
    Keys,
    describe_leaf,
    iterate_leaves,
    parse_leaf,
    parse_payload,
)
from services.producer.rule_parser import SourceRule, parse_source_rules, rule_error

SETTING: Final = "STRIPCHART_MQTT_TOPICS"

_MAX_VALUES: Final = 1_000
"""Values that are read from one message."""

_MAX_WORDS: Final = 2
_PLACEHOLDER = re.compile(r"\{(\w+)\}")

# Zigbee2MQTT describes itself and all its devices there, with hundreds of numbers.
_BRIDGE: Final = "zigbee2mqtt/bridge"
_BRIDGE_FILTER: Final = TopicFilter.parse(f"{_BRIDGE}/#")


class MqttValue(NamedTuple):
    """A number in a payload, with its series and unit."""

    series: str
    value: float
    unit: str | None


class UnreadValue(NamedTuple):
    """A message in which a rule found no number, or a value beside others that may be one.

    Attributes:
        rule: Text of the rule.
        example: The topic, the value and the reason, for the log.
    """

    rule: str
    example: str


class MessageContent(NamedTuple):
    """Everything that the rules found in a message. No series occurs twice in `values`."""

    values: list[MqttValue]
    unread: list[UnreadValue]


class TopicRule(NamedTuple):
    """One rule.

    Attributes:
        text: The topic and the path as written.
        filter: The topics.
        path: Keys that lead into the payload.
        template: Name of the series, with placeholders. Empty for topic and path.
        unit: The unit, or None.
    """

    text: str
    filter: TopicFilter
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
        topic_filter = _parse_filter(topic, line)
        names = {"topic", "path", *(str(i + 1) for i in range(topic_filter.pattern.groups))}
        for placeholder in _PLACEHOLDER.findall(rule.series):
            if placeholder not in names:
                raise rule_error(SETTING, line, f"{{{placeholder}}} matches nothing in the topic")
        keys = tuple(path.split(".") if path else ())
        return cls(line, topic_filter, keys, rule.series, rule.unit)

    def match(self, topic: str) -> re.Match[str] | None:
        """Return the match of a topic, or None if the rule is not for it."""
        if _BRIDGE_FILTER.match(topic) and not self.filter.text.startswith(_BRIDGE):
            return None
        return self.filter.match(topic)

    def series_name(self, match: re.Match[str], keys: Keys) -> str:
        """Return the name of the series for a value.

        Args:
            match: The match of the topic.
            keys: Keys that lead to the value in the payload.
        """
        if not self.template:
            return ".".join((match[0].replace("/", "."), *keys))
        texts = {str(i + 1): group or "" for i, group in enumerate(match.groups())}
        texts |= {"topic": match[0]}
        texts = {name: text.replace("/", ".") for name, text in texts.items()}
        texts |= {"path": ".".join(keys)}
        name = _PLACEHOLDER.sub(lambda placeholder: texts[placeholder[1]], self.template)
        # Several numbers in one payload need several names: append the keys that vary.
        literal_keys = len(self.path) if "*" not in self.path else self.path.index("*")
        return name if "{path}" in self.template else ".".join((name, *keys[literal_keys:]))


class TopicRules:
    """All rules of the source.

    Attributes:
        filters: Filters of the topics, in the order of the rules.
    """

    def __init__(self, rules: Sequence[TopicRule], excluded: Sequence[TopicFilter] = ()) -> None:
        self.filters = [rule.filter for rule in rules]
        self._rules = rules
        self._excluded = excluded

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the value of STRIPCHART_MQTT_TOPICS.

        Raises:
            SettingError: There is no rule, or a rule is invalid.
        """
        rules: list[TopicRule] = []
        excluded: list[TopicFilter] = []
        for rule in parse_source_rules(SETTING, text):
            if rule.words[0].startswith("!"):
                excluded.append(_parse_exclusion(rule))
            else:
                rules.append(TopicRule.parse(rule))
        if not rules:
            raise rule_error(SETTING, text, "it only excludes topics")
        return cls(rules, excluded)

    def read(self, topic: str, payload: bytes) -> MessageContent:
        """Return the values that all rules find in a message, at most 1,000.

        Every rule with a matching topic applies. If two of them name the same series, the first
        one that finds a number for it counts.
        """
        content = MessageContent([], [])
        if any(each.match(topic) for each in self._excluded):
            return content
        matches = [(rule, match) for rule in self._rules if (match := rule.match(topic))]
        if not matches:
            return content
        try:
            document = parse_payload(payload)
        except MalformedError as error:
            example = _describe(topic, (), payload, error)
            content.unread.extend(UnreadValue(rule.text, example) for rule, _match in matches)
            return content
        names: dict[str, float] = {}
        for rule, match in matches:
            example = _apply(rule, match, document, names, content.values)
            if example:
                content.unread.append(UnreadValue(rule.text, example))
        return content


def _apply(
    rule: TopicRule,
    match: re.Match[str],
    document: object,
    names: dict[str, float],
    values: list[MqttValue],
) -> str:
    """Append the values that a rule finds in a message.

    Args:
        rule: The rule.
        match: The match of the topic.
        document: The decoded payload.
        names: The value of each series in this message so far. Changed.
        values: All values of this message so far. Changed.

    Returns:
        An example of a value that was left out, or an empty text. A text beside numbers is no
        example, unless it looks like a number.
    """
    topic, text, doubt, found = match[0], "", "", False
    for keys, leaf in iterate_leaves(document, rule.path):
        try:
            quantity = parse_leaf(leaf, rule.unit)
        except DoubtfulNumberError as error:
            doubt = doubt or _describe(topic, keys, leaf, error)
            continue
        except MalformedError as error:
            text = text or _describe(topic, keys, leaf, error)
            continue
        found = True
        series = rule.series_name(match, keys)
        if len(values) == _MAX_VALUES:
            return f"topic {topic!r:.200}: more than {_MAX_VALUES} numbers in one message"
        if series not in names:
            names[series] = quantity.value
            values.append(MqttValue(series, quantity.value, rule.unit or quantity.unit))
        elif names[series] != quantity.value:
            doubt = doubt or _describe(
                topic, keys, leaf, f"is the second value of series {series!r:.200}"
            )
    if doubt or found:
        return doubt
    return text or f"topic {topic!r:.200}: no value at {'.'.join(rule.path) or 'all'}"


def _describe(topic: str, keys: Keys, found: object, reason: object) -> str:
    place = f", {'.'.join(keys)!r:.200}" if keys else ""
    return f"topic {topic!r:.200}{place}: {describe_leaf(found)} {reason}"


def _parse_filter(topic: str, line: str) -> TopicFilter:
    try:
        return TopicFilter.parse(topic)
    except ValueError as error:
        raise rule_error(SETTING, line, str(error)) from error


def _parse_exclusion(rule: SourceRule) -> TopicFilter:
    line = " ".join(rule.words)
    if len(rule.words) > 1 or rule.series:
        raise rule_error(SETTING, line, "only a topic follows !")
    return _parse_filter(rule.words[0].removeprefix("!"), line)
