"""Logins and sessions with several web processes."""

import http.client
import re
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.support.access import PASSWORD
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

REQUESTS = 20
"""Requests on connections of their own. Each process gets some of them."""


def send(stack: Stack, method: str, path: str, cookie: str = "", **form: str) -> tuple[int, str]:
    """Send a form on a new connection. Returns the status, and the cookie that the answer sets."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with closing(connection):
        connection.request(method, path, urlencode(form), headers | {"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        return response.status, (response.getheader("Set-Cookie") or "").partition(";")[0]


def test_all_web_processes_know_a_login_at_once(stack: Stack) -> None:
    stack.start("writer")
    web = stack.start("web", STRIPCHART_WEB_PROCESSES="2")
    for _ in range(REQUESTS):
        assert send(stack, "GET", "/setup")[0] == 200
    (code,) = set(re.findall(r"the code (\S+)", web.log_text()))
    form = {"user": "anna", "password": PASSWORD, "password2": PASSWORD, "code": code}
    status, first = send(stack, "POST", "/setup", **form)
    assert status == 303
    status, second = send(stack, "POST", "/login", user="anna", password=PASSWORD)
    assert status == 303
    for cookie in (first, second):
        statuses = {send(stack, "GET", "/api/me", cookie)[0] for _ in range(REQUESTS)}
        assert statuses == {200}
    assert send(stack, "POST", "/logout", first)[0] == 303
    wait_until(
        "both processes know that the session has ended",
        lambda: all(send(stack, "GET", "/api/me", first)[0] == 401 for _ in range(REQUESTS)),
    )
    assert send(stack, "GET", "/api/me", second)[0] == 200
    # Without a cookie, every process asks for a login.
    assert {send(stack, "GET", "/api/me")[0] for _ in range(REQUESTS)} == {401}
