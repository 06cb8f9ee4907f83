"""The source `mqtt`: numbers in messages that devices publish over MQTT.

Retained messages are ignored, because the time of their values is unknown.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from services.errors import SourceError
from services.producer.mqtt_connection import MqttConnection, wait_for_data
from services.producer.mqtt_filters import TopicFilter, group_filters
from services.producer.mqtt_rules import TopicRules
from services.producer.source_context import SourceContext
from services.reading import Reading

logger = logging.getLogger("producer")


def run(feed: SourceContext) -> None:
    """Publish the values of all topics in the rules, until the connection is lost.

    Raises:
        SettingError: The broker's address, a certificate or a rule is invalid.
        SourceError: The broker can't be reached, refused the connection or every topic, or the
            connection was lost.
    """
    rules = TopicRules.parse(feed.settings.mqtt_topics)
    filters = rules.filters
    while not feed.stop.requested:
        refused = _publish_values(feed, rules, filters)
        filters = [each for each in filters if each.text not in refused]
        names = ", ".join(sorted(refused))
        if not filters:
            raise SourceError(
                f"the MQTT broker refused the subscription to {names}",
                "allow the user to read these topics",
            )
        if refused:
            logger.warning(
                "the MQTT broker refused the subscription to %s, other topics are recorded"
                " (allow the user to read these topics)",
                names,
            )


def _publish_values(
    feed: SourceContext, rules: TopicRules, filters: Sequence[TopicFilter]
) -> set[str]:
    """Publish values until the producer stops or the broker refuses a subscription.

    Returns:
        The filters that the broker refused.
    """
    groups = group_filters(filters)
    connections: list[MqttConnection] = []
    with ExitStack() as cleanup:
        # One after the other: a message that two of them receive is used by the first one.
        for number, group in enumerate(groups):
            receive = _receiver(
                feed, rules, [each for earlier in groups[:number] for each in earlier]
            )
            connection = MqttConnection(feed.settings, group, receive)
            cleanup.callback(connection.close)
            refused = connection.subscribe(feed.stop)
            if refused:
                return refused
            connections.append(connection)
        logger.info("subscribed at the MQTT broker")
        feed.well()
        while not feed.stop.requested:
            wait_for_data(connections, feed.stop)
            for connection in connections:
                connection.process()
    return set()


def _receiver(
    feed: SourceContext, rules: TopicRules, earlier: Sequence[TopicFilter]
) -> Callable[[str, bytes], None]:
    """Return the function that publishes the values of a message.

    Args:
        feed: Publishes the readings.
        rules: Find the values.
        earlier: Filters of other connections, which receive these messages too and publish them.
    """

    def receive(topic: str, payload: bytes) -> None:
        if any(each.match(topic) for each in earlier):
            return
        content = rules.read(topic, payload)
        for unread in content.unread:
            feed.left_out.add(unread.rule, unread.example)
        if content.values:
            ts = feed.timestamps.reserve(1)
            values = content.values
            feed.put([Reading(each.series, ts, each.value, each.unit) for each in values])

    return receive
