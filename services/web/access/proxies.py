"""Trusted proxies: the addresses of their clients, and the users that they have logged in.

What a proxy says in headers counts only if the request comes from one of the configured networks:
anybody could send such headers.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from werkzeug import Request

from services.setting_parsers import Network

_MAX_CACHED: Final = 1_024
_MAX_HOPS: Final = 10


class TrustedProxies:
    """Proxies in the networks of the settings.

    Args:
        networks: Their networks.
        user_header: Header in which they name the user who has logged in there, "" for none.
    """

    def __init__(self, networks: Sequence[Network] = (), user_header: str = "") -> None:
        self._networks = tuple(networks)
        self.user_header = user_header
        self._is_trusted = lru_cache(_MAX_CACHED)(self._is_trusted_uncached)

    def client_address(self, request: Request) -> str:
        """Return the address of the client that a request comes from.

        Behind proxies it is the last address in `X-Forwarded-For` that belongs to none of them.
        Addresses before it may be forged.
        """
        address: str = request.environ.get("REMOTE_ADDR", "")
        if not self._networks or not self._is_trusted(address):
            return address
        hops = request.headers.get("X-Forwarded-For", "").split(",")[-_MAX_HOPS:]
        for hop in reversed(hops):
            forwarded = hop.strip()
            if not _is_address(forwarded):
                return address
            address = forwarded
            if not self._is_trusted(address):
                return address
        return address

    def user_of(self, request: Request) -> str:
        """Return the user that a proxy has logged in, "" if there is none.

        The same header from another address is ignored.
        """
        if not self.user_header or not self._is_trusted(request.environ.get("REMOTE_ADDR", "")):
            return ""
        return request.headers.get(self.user_header, "").strip()

    def _is_trusted_uncached(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
