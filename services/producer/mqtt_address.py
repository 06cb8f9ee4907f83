"""The address of the MQTT broker in the settings, and the MQTT clients for it."""

import ssl
from typing import Final, NamedTuple, Self
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from services.errors import SettingError
from services.settings import Settings

_DEFAULT_PORTS: Final = {"mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443}
_TLS_SCHEMES: Final = ("mqtts", "wss")
_DEFAULT_PATH: Final = "/mqtt"

_ADDRESS_HINT: Final = (
    "write mqtt://, mqtts://, ws:// or wss://, then user:password@host:port; characters such as"
    " @ / # : in the password are written as %40 %2F %23 %3A, or the password is set in"
    " STRIPCHART_MQTT_PASSWORD"
)


class MqttAddress(NamedTuple):
    """The address of an MQTT broker.

    Attributes:
        scheme: mqtt, mqtts, ws or wss.
        host: Name or address of the host.
        port: TCP port.
        path: Path of the WebSocket, with its query; unused without WebSocket.
        user: Name to log in with, None without a login.
        password: Password of the user, None without one.
    """

    scheme: str
    host: str
    port: int
    path: str
    user: str | None
    password: str | None

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Read the address from the settings.

        Raises:
            SettingError: The address is invalid.
        """
        try:
            url = urlsplit(settings.mqtt_url)
            host, port = url.hostname, url.port or _DEFAULT_PORTS[url.scheme]
        except (KeyError, ValueError):
            host = None
        if not host:
            raise SettingError(
                "STRIPCHART_MQTT_URL is not the address of an MQTT broker", _ADDRESS_HINT
            )
        path = (url.path or _DEFAULT_PATH) + (f"?{url.query}" if url.query else "")
        user = None if url.username is None else unquote(url.username)
        password = None if url.password is None else unquote(url.password)
        if settings.mqtt_password and user is None:
            raise SettingError(
                "STRIPCHART_MQTT_PASSWORD is set, but STRIPCHART_MQTT_URL names no user",
                f"write {url.scheme}://user@host:port",
            )
        return cls(url.scheme, host, port, path, user, settings.mqtt_password or password)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        path = self.path if self.has_websocket else ""
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def has_tls(self) -> bool:
        """True if the connection is encrypted."""
        return self.scheme in _TLS_SCHEMES

    @property
    def has_websocket(self) -> bool:
        """True if the connection is a WebSocket."""
        return self.scheme in ("ws", "wss")


def create_client(address: MqttAddress, context: ssl.SSLContext | None) -> Client:
    """Create a client that is not connected yet.

    Args:
        address: Address of the broker.
        context: The certificates to use, from `create_tls_context`.
    """
    transport = "websockets" if address.has_websocket else "tcp"
    client = Client(CallbackAPIVersion.VERSION2, transport=transport)  # type: ignore[arg-type]
    if address.has_websocket:
        client.ws_set_options(address.path)
    if address.user is not None:
        client.username_pw_set(address.user, address.password)
    if context is not None:
        client.tls_set_context(context)
    return client


def create_tls_context(address: MqttAddress, settings: Settings) -> ssl.SSLContext | None:
    """Load the certificates that the settings name.

    Args:
        address: Address of the broker.
        settings: Name the authority of the broker's certificate, and our own certificate.

    Returns:
        None for a connection without TLS.

    Raises:
        SettingError: A file can't be used, or there are files but no TLS.
    """
    files = {
        "STRIPCHART_MQTT_CA": settings.mqtt_ca,
        "STRIPCHART_MQTT_CERTIFICATE": settings.mqtt_certificate,
        "STRIPCHART_MQTT_KEY": settings.mqtt_key,
    }
    for name, path in files.items():
        if path and not address.has_tls:
            raise SettingError(
                f"{name} is set, but STRIPCHART_MQTT_URL begins with {address.scheme}://",
                "write mqtts:// or wss:// for an encrypted connection",
            )
        if "-----BEGIN" in path:
            raise SettingError(f"{name} must be the path of a file", f"unset {name}_FILE")
    if not address.has_tls:
        return None
    if settings.mqtt_key and not settings.mqtt_certificate:
        raise SettingError(
            "STRIPCHART_MQTT_KEY is set without a certificate", "set STRIPCHART_MQTT_CERTIFICATE"
        )
    return _load_certificates(settings)


def _load_certificates(settings: Settings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.mqtt_ca or None)
    except OSError as error:
        raise SettingError(
            f"STRIPCHART_MQTT_CA: {settings.mqtt_ca} can't be used: {_reason(error)}",
            "it must be a PEM file with the certificate of the broker's authority",
        ) from error
    if settings.mqtt_ca:
        # Authorities that people make themselves often lack what newer versions of Python demand.
        context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
    if settings.mqtt_certificate:
        try:
            # An encrypted key would otherwise ask for its password on the terminal.
            context.load_cert_chain(
                settings.mqtt_certificate, settings.mqtt_key or None, password=""
            )
        except OSError as error:
            files = " and ".join(filter(None, (settings.mqtt_certificate, settings.mqtt_key)))
            raise SettingError(
                f"STRIPCHART_MQTT_CERTIFICATE: {files} can't be used: {_reason(error)}",
                "they must be PEM files with our certificate and its key, without a password",
            ) from error
    return context


def _reason(error: OSError) -> str:
    """Return the reason of a file or TLS error without its number."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "not a PEM file").replace("_", " ").lower()
    return error.strerror or str(error)
