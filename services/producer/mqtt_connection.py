"""One connection to an MQTT broker, with its subscriptions."""

import select
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTMessage, error_string
from paho.mqtt.enums import LogLevel

from services.concurrency import Shutdown
from services.errors import SourceError
from services.producer.mqtt_address import MqttAddress, create_client, create_tls_context
from services.producer.mqtt_faults import connection_fault, loss_fault, refusal_fault
from services.producer.mqtt_filters import TopicFilter
from services.settings import Settings

_KEEPALIVE_SECONDS: Final = 20
_SUBSCRIBE_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.5


class MqttConnection:
    """A connection that delivers each message once.

    Args:
        settings: Name the broker and the certificates.
        filters: The topics. No topic may match two of them, because some brokers would then
            deliver its messages twice.
        receive: Called with the topic and the payload of each message that is not retained.

    Raises:
        SettingError: The address or a certificate is invalid.
    """

    def __init__(
        self,
        settings: Settings,
        filters: Sequence[TopicFilter],
        receive: Callable[[str, bytes], None],
    ) -> None:
        self._address = MqttAddress.from_settings(settings)
        self._has_own_authority = bool(settings.mqtt_ca)
        self._filters = filters
        self._receive = receive
        self._accepted = False
        self._answers: list[bool] | None = None
        self._fault: SourceError | None = None
        self._cause = ""
        self._client = create_client(self._address, create_tls_context(self._address, settings))
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_log = self._on_log

    @property
    def has_pending_data(self) -> bool:
        """True if TLS has decrypted data that `wait_for_data` does not see."""
        pending = getattr(self._client.socket(), "pending", None)
        return pending is not None and pending() > 0

    def subscribe(self, stop: Shutdown) -> set[str]:
        """Connect and subscribe, and wait for the answer.

        Args:
            stop: Ends the wait early.

        Returns:
            The filters that the broker refused.

        Raises:
            SourceError: There is no connection, or no answer.
        """
        try:
            self._client.connect(self._address.host, self._address.port, _KEEPALIVE_SECONDS)
        except OSError as error:
            raise connection_fault(self._address, error, self._has_own_authority) from error
        deadline = time.monotonic() + _SUBSCRIBE_SECONDS
        while self._answers is None and not stop.requested:
            if time.monotonic() > deadline:
                raise SourceError(f"the MQTT broker at {self._address} does not answer")
            self.process(_POLL_SECONDS)
        answers = zip(self._filters, self._answers or (), strict=False)
        return {each.text for each, granted in answers if not granted}

    def process(self, seconds: float = 0.0) -> None:
        """Receive a message if there is one, and keep the connection alive.

        Args:
            seconds: Time to wait for a message.

        Raises:
            SourceError: The connection was refused or lost.
        """
        code = self._client.loop(seconds)
        if self._fault is not None:
            raise self._fault
        if code != MQTT_ERR_SUCCESS:
            raise loss_fault(self._address, self._cause or error_string(code), self._accepted)

    def close(self) -> None:
        """End the connection, if there is one."""
        self._client.disconnect()

    def fileno(self) -> int:
        """Return the file descriptor of the socket, for `wait_for_data`."""
        socket = self._client.socket()
        return -1 if socket is None else socket.fileno()

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            self._fault = refusal_fault(reason)
        else:
            self._accepted = True
            client.subscribe([(each.text, 1) for each in self._filters])

    def _on_subscribe(
        self, _client: Client, _data: Any, _id: int, reasons: list[Any], _more: Any
    ) -> None:
        self._answers = [not reason.is_failure for reason in reasons]

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if not message.retain:
            self._receive(message.topic, bytes(message.payload))

    def _on_log(self, _client: Client, _data: Any, level: int, text: str) -> None:
        # The client keeps the cause of a lost connection for its log.
        if level == LogLevel.MQTT_LOG_ERR:
            self._cause = text


def wait_for_data(connections: Sequence[MqttConnection], stop: Shutdown) -> None:
    """Wait half a second, or until a connection has data to process.

    Args:
        connections: All of them are connected.
        stop: Ends the wait.
    """
    if not any(each.has_pending_data for each in connections):
        waited_for: list[MqttConnection | Shutdown] = [*connections, stop]
        select.select(waited_for, [], [], _POLL_SECONDS)
