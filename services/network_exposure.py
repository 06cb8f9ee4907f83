"""Check that the page is not exposed to the network by accident."""

import ipaddress
from collections.abc import Callable

from services.errors import SettingError
from services.settings import Settings


def check_network_exposure(
    settings: Settings, has_users: Callable[[], bool] = lambda: False
) -> None:
    """Refuse a HOST that other machines can reach, unless people have to log in.

    Args:
        settings: The address, and whether an open network is allowed.
        has_users: Returns True if there are users or tokens, so that everybody has to log in.

    Raises:
        SettingError: Anyone on the network could read and write without a login.
    """
    if settings.open_network or is_loopback(settings.host) or has_users():
        return
    raise SettingError(
        f"HOST={settings.host} opens the page to everybody who can reach this machine,"
        " and there is no login",
        "set STRIPCHART_OPEN_NETWORK=yes to allow this, or add a user first: start with"
        " HOST=127.0.0.1 and run `stripchart user add NAME`",
    )


def is_loopback(host: str) -> bool:
    """Return True if only this machine can reach the address or name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
