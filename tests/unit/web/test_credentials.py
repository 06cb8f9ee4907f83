"""Proof of who sends a request."""

from base64 import b64encode

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from services.web.access.credentials import SESSION_COOKIE, Credentials, read_credentials


def request(query: str = "", **headers: str) -> Request:
    builder = EnvironBuilder(query_string=query, headers=list(headers.items()))
    return Request(builder.get_environ())


def credentials(query: str = "", **headers: str) -> Credentials:
    return read_credentials(request(query, **headers), takes_parameters=True)


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Bearer sct_1", Credentials("sct_1")),
        ("bearer  sct_1 ", Credentials("sct_1")),
        ("Token sct_1", Credentials("sct_1")),
        ("Token anna:sct_1", Credentials("sct_1", "anna")),
        (basic("anna:sct_1"), Credentials("sct_1", "anna")),
        (basic(":sct_1"), Credentials("sct_1")),
        (basic("anna:a:b"), Credentials("a:b", "anna")),
        (basic("jürgen:ü"), Credentials("ü", "jürgen")),
    ],
)
def test_header_names_a_token(header: str, expected: Credentials) -> None:
    assert credentials(Authorization=header) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Token ",
        "Basic",
        "Basic %%%",
        "Basic /w==",
        # Without the asterisk it would be "anna:sct_1".
        "Basic *YW5uYTpzY3RfMQ==",
        "Digest a",
        "Bearer " + "a" * 5_000,
    ],
)
def test_header_without_a_token_is_as_none(header: str) -> None:
    assert not credentials(Authorization=header)


def test_parameters_of_influxdb_name_a_token() -> None:
    assert credentials("db=x&u=anna&p=sct_1") == Credentials("sct_1", "anna")


def test_parameters_name_no_token_elsewhere() -> None:
    assert not read_credentials(request("u=anna&p=sct_1"))


def test_header_goes_before_parameters_and_cookie() -> None:
    cookie = f"{SESSION_COOKIE}=s"
    assert credentials("p=b", Authorization="Bearer a", Cookie=cookie) == Credentials("a")


def test_cookie_names_a_session() -> None:
    assert credentials(Cookie=f"other=1; {SESSION_COOKIE}=s") == Credentials(session="s")


def test_empty_token_means_that_nobody_logs_in() -> None:
    assert not credentials(Authorization="Token ")
