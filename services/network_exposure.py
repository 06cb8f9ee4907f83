"""Check that the page is not exposed to the network by accident."""

import ipaddress

from services.errors import SettingError
from services.settings import Settings


def check_network_exposure(settings: Settings) -> None:
    """Refuse a HOST that other machines can reach, unless the settings allow it explicitly.

    Raises:
        SettingError: Anyone on the network could read and write without a login.
    """
    if settings.open_network or _is_loopback(settings.host):
        return
    raise SettingError(
        f"HOST={settings.host} opens the page to everybody who can reach this machine,"
        " and there is no login",
        "set STRIPCHART_OPEN_NETWORK=yes to allow this, or HOST=127.0.0.1 to prevent it",
    )


def _is_loopback(host: str) -> bool:
    """Return True if only this machine can reach the address or name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
