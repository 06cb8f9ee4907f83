"""Sentences for the faults of a connection to an MQTT broker, each with what to do."""

import ssl
from typing import Final

from paho.mqtt.client import WebsocketConnectionError
from paho.mqtt.reasoncodes import ReasonCode

from services.errors import SourceError
from services.producer.mqtt_address import MqttAddress

_UNKNOWN_AUTHORITY: Final = (18, 19, 20, 21)
_OTHER_HOST: Final = (62, 64)
_EXPIRED: Final = 10
_NOT_YET_VALID: Final = 9
"""Codes of OpenSSL's verification of certificates."""

_LOGIN_REASONS: Final = ("Bad user name or password", "Not authorized")


def connection_fault(address: MqttAddress, error: OSError, has_own_authority: bool) -> SourceError:
    """Return the error for a connection that could not be made.

    Args:
        address: Address of the broker.
        error: The cause.
        has_own_authority: True if STRIPCHART_MQTT_CA is set.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_fault(address, error, has_own_authority)
    if isinstance(error, ssl.SSLError):
        return _tls_fault(address, error.reason or str(error))
    if isinstance(error, WebsocketConnectionError):
        return SourceError(
            f"the MQTT broker did not accept a WebSocket at {address}",
            "check the port and the path in STRIPCHART_MQTT_URL, and STRIPCHART_MQTT_CERTIFICATE if"
            " it asks for a certificate",
        )
    if isinstance(error, ConnectionResetError):
        return _closed_fault(address)
    return SourceError(
        f"the MQTT broker at {address} can't be reached: {error.strerror or error}",
        "check that it runs, and STRIPCHART_MQTT_URL",
    )


def refusal_fault(reason: ReasonCode) -> SourceError:
    """Return the error for a connection that the broker refused."""
    hint = ""
    if str(reason) in _LOGIN_REASONS:
        hint = "set the user in STRIPCHART_MQTT_URL and the password in STRIPCHART_MQTT_PASSWORD"
    return SourceError(f"the MQTT broker refused the connection: {reason}", hint)


def loss_fault(address: MqttAddress, cause: str, was_accepted: bool) -> SourceError:
    """Return the error for a connection that was lost.

    Args:
        address: Address of the broker.
        cause: Text of the error, such as "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] ...".
        was_accepted: True if the broker had accepted the connection before.
    """
    if was_accepted:
        return SourceError(f"connection to the MQTT broker lost: {cause}")
    if not address.has_tls:
        return _closed_fault(address)
    # A broker refuses our certificate after the handshake, and its alert may get lost.
    return SourceError(
        f"the MQTT broker at {address} closed the connection after the TLS handshake",
        "if it asks for a certificate, set STRIPCHART_MQTT_CERTIFICATE and STRIPCHART_MQTT_KEY to"
        " one that it accepts; if its port is for WebSockets, write wss://",
    )


def _closed_fault(address: MqttAddress) -> SourceError:
    return SourceError(
        f"the MQTT broker at {address} closed the connection without an answer",
        "check whether its port is for mqtt://, mqtts://, ws:// or wss://",
    )


def _certificate_fault(
    address: MqttAddress, error: ssl.SSLCertVerificationError, has_own_authority: bool
) -> SourceError:
    subject = f"the certificate of the MQTT broker at {address}"
    code = error.verify_code
    if code in _UNKNOWN_AUTHORITY:
        state = "is from another authority" if has_own_authority else "is from an unknown authority"
        return SourceError(
            f"{subject} {state}",
            "set STRIPCHART_MQTT_CA to the file with the certificate of its authority",
        )
    if code in _OTHER_HOST:
        return SourceError(
            f"{subject} is for another host than {address.host}",
            "write a name that is in the certificate into STRIPCHART_MQTT_URL, or add"
            f" {address.host} to the certificate",
        )
    if code == _EXPIRED:
        hint = "renew it on the broker; or this machine's clock is wrong"
        return SourceError(f"{subject} has expired", hint)
    if code == _NOT_YET_VALID:
        return SourceError(f"{subject} is not valid yet", "check this machine's clock")
    return SourceError(f"{subject} can't be verified: {error.verify_message}")


def _tls_fault(address: MqttAddress, cause: str) -> SourceError:
    if "ALERT" in cause and ("CERT" in cause or "UNKNOWN_CA" in cause or "HANDSHAKE" in cause):
        return loss_fault(address, cause, was_accepted=False)
    if "EOF" in cause:
        return _closed_fault(address)
    if "WRONG_VERSION_NUMBER" in cause or "RECORD_LAYER" in cause:
        return SourceError(
            f"the MQTT broker does not speak TLS at {address}",
            "use the port of its TLS listener, or mqtt:// or ws://",
        )
    return SourceError(f"TLS with the MQTT broker at {address} failed: {cause}")
