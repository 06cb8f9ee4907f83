"""Line breaks in what a request sends: they begin no header of the answer."""

import pytest

from tests.attacks.raw_request import send_raw
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.long]

BREAKS = ("%0d%0a", "%0a", "%0d", "%00%0d%0a", "%e5%98%8a%e5%98%8d", "%E2%80%A8", "%c2%85")
INJECTED = "Set-Cookie:%20injected=1"
PATHS = (
    "/v/x{}",
    "/{}",
    "/s/{}",
    "/s/x{}/",
    "/login?next=/{}",
    "/login?next={}",
    "/api/history?series={}&from={}",
    "/api/series/{}",
    "/api/nothing{}?{}",
    "/static//{}",
    "/static/{}",
    "/query?q={}",
    "/write?db=x&precision={}",
)


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("who", ["", "\r\nAuthorization: Bearer admin"])
def test_line_break_in_an_address_begins_no_header(
    guarded_stack: Stack, line_break: str, who: str
) -> None:
    for path in PATHS:
        address = path.replace("{}", f"{line_break}{INJECTED}{line_break}{line_break}x")
        method = "POST" if path.startswith("/write") else "GET"
        head = f"{method} {address} HTTP/1.1\r\nAccept: text/html{who}"
        answer = send_raw(guarded_stack.port, head)
        cookies = [value for name, value in answer.headers if name == "set-cookie"]
        assert not any("injected" in cookie for cookie in cookies), address
        assert not any("injected" in name for name, _ in answer.headers), address
        assert answer.status < 500, address


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\u2028", "\x85"])
def test_line_break_in_a_faulty_line_begins_no_header(
    guarded_stack: Stack, line_break: str
) -> None:
    text = f'cpu text="{line_break}Set-Cookie: injected=1{line_break}",load=x'
    for path in ("/write?db=x", "/api/v2/write?bucket=x", "/api/v3/write_lp?db=x"):
        head = f"POST {path} HTTP/1.1\r\nAuthorization: Bearer admin"
        answer = send_raw(guarded_stack.port, head, text.encode())
        assert answer.status == 400
        assert "set-cookie" not in dict(answer.headers)


@pytest.mark.parametrize(
    "host", ["127.0.0.1\r\n\tinjected: 1", "localhost, evil.example", "localhost@evil.example"]
)
def test_host_is_not_reflected(guarded_stack: Stack, host: str) -> None:
    head = f"GET /account HTTP/1.1\r\nAccept: text/html\r\nX-Forwarded-Host: {host}"
    answer = send_raw(guarded_stack.port, head)
    assert "evil.example" not in str(answer.headers)
    assert "injected" not in str(answer.headers)
