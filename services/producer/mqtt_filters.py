"""MQTT topic filters: which topics they match, and which filters have topics in common.

A broker may deliver a message once for each filter of a connection that matches its topic, or once
for all of them. Copies look like a value that a device publishes twice. So no two filters of
one connection may match the same topic.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, Self

Levels = tuple[str, ...]


class TopicFilter(NamedTuple):
    """A topic filter, as MQTT defines it.

    Attributes:
        text: The filter. + matches one level, # at the end all further levels.
        pattern: Matches the topics of the filter; its groups are the wildcards.
    """

    text: str
    pattern: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a filter.

        Raises:
            ValueError: The filter is invalid.
        """
        levels = text.split("/")
        if not text:
            raise ValueError("the topic is empty")
        if any(len(level) > 1 and ("+" in level or "#" in level) for level in levels) or (
            "#" in levels[:-1]
        ):
            raise ValueError("+ must be a whole level, and # the last level")
        if levels[0] == "$share":
            raise ValueError("write the topic without $share: a source needs every message")
        return cls(text, _compile(levels))

    @property
    def levels(self) -> Levels:
        """The levels of the filter."""
        return tuple(self.text.split("/"))

    def match(self, topic: str) -> re.Match[str] | None:
        """Return the match of a topic, or None if the filter does not match it."""
        return self.pattern.fullmatch(topic)

    def covers(self, other: "TopicFilter") -> bool:
        """Return True if this filter matches every topic that the other one matches."""
        return not _is_hidden(self.levels, other.levels) and _covers(self.levels, other.levels)

    def overlaps(self, other: "TopicFilter") -> bool:
        """Return True if a topic exists that both filters match."""
        hidden = _is_hidden(self.levels, other.levels) or _is_hidden(other.levels, self.levels)
        return not hidden and _overlaps(self.levels, other.levels)


def group_filters(filters: Iterable[TopicFilter]) -> list[list[TopicFilter]]:
    """Return the filters to subscribe to, one group for each connection.

    A filter is left out if another one covers it. No topic matches two filters of a group. Nearly
    always there is one group: others are only needed for filters such as `a/+` and `+/b`.

    Args:
        filters: All filters, in any order, also with repetitions.
    """
    unique = {each.text: each for each in filters}.values()
    groups: list[list[TopicFilter]] = []
    for each in unique:
        if any(other.covers(each) for other in unique if other is not each):
            continue
        for group in groups:
            if not any(each.overlaps(other) for other in group):
                group.append(each)
                break
        else:
            groups.append([each])
    return groups


def _compile(levels: list[str]) -> re.Pattern[str]:
    open_ended = levels[-1] == "#"
    fixed_levels = levels[: len(levels) - open_ended]
    text = "/".join("([^/]*)" if level == "+" else re.escape(level) for level in fixed_levels)
    if open_ended:
        # # also matches no level at all: the topic then ends before the slash.
        text += "(?:/(.*))?" if len(levels) > 1 else "(.*)"
    # A wildcard in the first level does not match the broker's own topics, such as $SYS/uptime.
    return re.compile(rf"(?!\$){text}" if levels[0] in "+#" else text, re.DOTALL)


def _is_hidden(levels: Levels, other: Levels) -> bool:
    """Return True if the other filter is for topics that a wildcard does not match."""
    return levels[0] in ("+", "#") and other[0].startswith("$")


def _covers(levels: Levels, other: Levels) -> bool:
    if levels[:1] == ("#",):
        return True
    if not levels or not other or other[0] == "#":
        return levels == other
    return levels[0] in ("+", other[0]) and _covers(levels[1:], other[1:])


def _overlaps(levels: Levels, other: Levels) -> bool:
    if "#" in (*levels[:1], *other[:1]):
        return True
    if not levels or not other:
        return levels == other
    return (levels[0] == other[0] or "+" in (levels[0], other[0])) and _overlaps(
        levels[1:], other[1:]
    )
