"""What devices publish over MQTT.

A message that the broker kept from before is not taken: nobody knows the time that it is of.
"""

import logging
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTMessage, error_string
from paho.mqtt.enums import CallbackAPIVersion

from services.errors import SettingError, SourceError
from services.producer.mqtt_rules import TopicRule, found, topic_rules
from services.producer.source_context import SourceContext
from services.reading import Reading

logger = logging.getLogger("producer")

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_KEEPALIVE_SECONDS: Final = 20
_LOOK_SECONDS: Final = 0.5


def run(feed: SourceContext) -> None:
    """Put what the topics of the rules bring, until the link breaks. Raises SourceError."""
    _Link(feed, topic_rules(feed.settings.mqtt_topics)).run()


class _Link:
    """One connection to the broker."""

    def __init__(self, feed: SourceContext, rules: list[TopicRule]) -> None:
        self._feed = feed
        self._rules = rules
        self._refusal = ""

    def run(self) -> None:
        address = urlsplit(self._feed.settings.mqtt_url)
        try:
            host, port = address.hostname, address.port or _PORTS[address.scheme]
        except (KeyError, ValueError):
            host, port = None, 0
        if not host:
            raise SettingError("STRIPCHART_MQTT_URL can't be used", "write mqtt://host:port")
        client = Client(CallbackAPIVersion.VERSION2)
        if address.username is not None:
            client.username_pw_set(unquote(address.username), unquote(address.password or ""))
        if address.scheme == "mqtts":
            client.tls_set()
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._arrived
        client.connect(host, port, _KEEPALIVE_SECONDS)
        try:
            while not self._feed.stop.requested:
                code = client.loop(_LOOK_SECONDS)
                if self._refusal:
                    raise SourceError(f"the MQTT broker refuses {self._refusal}")
                if code != MQTT_ERR_SUCCESS:
                    raise SourceError(f"the link to the MQTT broker broke: {error_string(code)}")
        finally:
            client.disconnect()

    def _connected(self, client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            self._refusal = f"the connection: {reason}"
        else:
            client.subscribe([(filter_, 1) for filter_ in {rule.filter for rule in self._rules}])

    def _subscribed(
        self, _client: Client, _data: Any, _id: int, reasons: list[Any], _more: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refusal = "a subscription"
        else:
            logger.info("listening to the MQTT broker")
            self._feed.well()

    def _arrived(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.retain:
            return
        numbers = found(self._rules, message.topic, bytes(message.payload))
        if numbers:
            ts = self._feed.stamps.reserve(1)
            self._feed.put([Reading(each.series, ts, each.value, each.unit) for each in numbers])
