"""The source `mqtt`: numbers in messages that devices publish over MQTT.

Retained messages are ignored, because the time of their values is unknown.
"""

import logging
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTMessage, error_string
from paho.mqtt.enums import CallbackAPIVersion

from services.errors import SettingError, SourceError
from services.producer.mqtt_rules import TopicRule, extract_values, parse_topic_rules
from services.producer.source_context import SourceContext
from services.reading import Reading

logger = logging.getLogger("producer")

_DEFAULT_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_KEEPALIVE_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.5


def run(feed: SourceContext) -> None:
    """Publish the values of all topics in the rules, until the connection is lost.

    Raises:
        SettingError: The broker's address or a rule is invalid.
        SourceError: The broker refused the connection, or the connection was lost.
        OSError: The broker can't be reached.
    """
    _MqttConnection(feed, parse_topic_rules(feed.settings.mqtt_topics)).run()


class _MqttConnection:
    """One connection to the MQTT broker."""

    def __init__(self, feed: SourceContext, rules: list[TopicRule]) -> None:
        self._feed = feed
        self._rules = rules
        self._refused = ""

    def run(self) -> None:
        host, port = self._parse_address()
        client = self._create_client()
        client.connect(host, port, _KEEPALIVE_SECONDS)
        try:
            while not self._feed.stop.requested:
                code = client.loop(_POLL_SECONDS)
                if self._refused:
                    raise SourceError(f"the MQTT broker refused {self._refused}")
                if code != MQTT_ERR_SUCCESS:
                    raise SourceError(f"connection to the MQTT broker lost: {error_string(code)}")
        finally:
            client.disconnect()

    def _parse_address(self) -> tuple[str, int]:
        address = urlsplit(self._feed.settings.mqtt_url)
        try:
            host, port = address.hostname, address.port or _DEFAULT_PORTS[address.scheme]
        except (KeyError, ValueError):
            host, port = None, 0
        if not host:
            raise SettingError(
                "STRIPCHART_MQTT_URL is not the address of an MQTT broker", "write mqtt://host:port"
            )
        return host, port

    def _create_client(self) -> Client:
        address = urlsplit(self._feed.settings.mqtt_url)
        client = Client(CallbackAPIVersion.VERSION2)
        if address.username is not None:
            client.username_pw_set(unquote(address.username), unquote(address.password or ""))
        if address.scheme == "mqtts":
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            self._refused = f"the connection: {reason}"
        else:
            client.subscribe([(filter_, 1) for filter_ in {rule.filter for rule in self._rules}])

    def _on_subscribe(
        self, _client: Client, _data: Any, _id: int, reasons: list[Any], _more: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refused = "a subscription"
        else:
            logger.info("subscribed at the MQTT broker")
            self._feed.well()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.retain:
            return
        values = extract_values(self._rules, message.topic, bytes(message.payload))
        if values:
            ts = self._feed.timestamps.reserve(1)
            self._feed.put([Reading(each.series, ts, each.value, each.unit) for each in values])
