"""Who may reach the page: this machine alone, unless somebody says that all may."""

import ipaddress

from services.errors import SettingError
from services.settings import Settings


def check_network_exposure(settings: Settings) -> None:
    """Raises SettingError where everybody on the network could read and write unasked."""
    if settings.open_network or _is_loopback(settings.host):
        return
    raise SettingError(
        f"HOST={settings.host} opens the page to everybody who can reach this machine,"
        " and nobody has to log in",
        "set STRIPCHART_OPEN_NETWORK=yes if that is meant, else HOST=127.0.0.1",
    )


def _is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address or name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
