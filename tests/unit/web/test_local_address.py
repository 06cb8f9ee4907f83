"""The address that a person goes to after a login."""

from urllib.parse import urljoin, urlsplit

import pytest

from services.web.access.local_address import local_address

LOGIN = "https://charts.example/login"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/v/home?window=1h&series=a%26b", "./v/home?window=1h&series=a%26b"),
        ("v/home", "./v/home"),
        ("/?series=a%2Fb", "./?series=a%2Fb"),
        ("/v/Küche", "./v/Küche"),
        ("/", "./"),
        ("", "./"),
    ],
)
def test_path_of_a_page_is_followed(path: str, address: str) -> None:
    assert local_address(path, "./") == address


def test_path_below_the_base_path_is_followed() -> None:
    assert local_address("/v/home", "/charts/") == "/charts/v/home"
    assert local_address("/charts/v/home", "/charts/") == "/charts/v/home"


@pytest.mark.parametrize("root", ["./", "/charts/"])
@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "\t//evil.example",
        "javascript:alert(1)",
        "/charts//evil.example/",
        "@evil.example",
        ".evil.example",
    ],
)
def test_no_path_leads_to_another_server(path: str, root: str) -> None:
    target = urlsplit(urljoin(LOGIN, local_address(path, root)))
    assert (target.scheme, target.netloc) == ("https", "charts.example")


@pytest.mark.parametrize(
    "path",
    [
        "/../other/delete",
        "/v/../../other",
        "/%2e%2E/other",
        "/.%2e",
        "/login",
        "/logout",
        "/login?next=/",
        "/a\r\nSet-Cookie: a=b",
        "/a b",
        "/" + "a" * 4_001,
    ],
)
def test_path_that_is_no_page_leads_to_the_root(path: str) -> None:
    assert local_address(path, "/charts/") == "/charts/"
