"""Headers of trusted proxies."""

from ipaddress import ip_network

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from services.web.access.proxies import TrustedProxies

PROXIES = TrustedProxies([ip_network("127.0.0.1"), ip_network("fd00::/8")], "Remote-User")


def request(address: str, **headers: str) -> Request:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    builder = EnvironBuilder(headers=fields, environ_base={"REMOTE_ADDR": address})
    return Request(builder.get_environ())


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "203.0.113.5, fd00::1", "203.0.113.5"),
        ("::ffff:127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5, nonsense", "127.0.0.1"),
        ("192.0.2.1", "203.0.113.5", "192.0.2.1"),
        ("", "203.0.113.5", ""),
    ],
)
def test_client_is_the_last_address_that_is_no_proxy(
    peer: str, forwarded: str, client: str
) -> None:
    assert PROXIES.client_address(request(peer, X_Forwarded_For=forwarded)) == client


def test_long_list_of_proxies_is_read_in_part() -> None:
    for count, client in ((9, "203.0.113.5"), (10, "fd00::1"), (1_000, "fd00::1")):
        forwarded = ", ".join(["203.0.113.5", *["fd00::1"] * count])
        assert PROXIES.client_address(request("127.0.0.1", X_Forwarded_For=forwarded)) == client


def test_without_networks_nobody_is_trusted() -> None:
    proxies = TrustedProxies((), "Remote-User")
    forged = request("127.0.0.1", X_Forwarded_For="203.0.113.5", Remote_User="anna")
    assert proxies.client_address(forged) == "127.0.0.1"
    assert proxies.user_of(forged) == ""


@pytest.mark.parametrize(
    ("peer", "user"), [("127.0.0.1", "anna"), ("fd12::5", "anna"), ("192.0.2.1", ""), ("", "")]
)
def test_only_a_proxy_names_the_user(peer: str, user: str) -> None:
    assert PROXIES.user_of(request(peer, Remote_User=" anna ")) == user
    assert PROXIES.user_of(request(peer)) == ""
    assert TrustedProxies([ip_network("127.0.0.1")]).user_of(request(peer, Remote_User="a")) == ""
