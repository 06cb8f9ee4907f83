"""Paths that lead out of the folder of static files, or into another address."""

import pytest

from tests.attacks.raw_request import send_raw
from tests.support.stack import Stack

pytestmark = [pytest.mark.redis, pytest.mark.long]

UP = ("..", "%2e%2e", ".%2e", "..%00", "%252e%252e", "..;", "%c0%ae%c0%ae", "..%5c", "....")
TARGETS = ("app.py", "templates/index.html", "../../../../../../../etc/passwd")
FOLDERS = ("/static/", "/static/dist/", "/s/wrong/static/", "/static//")
SECRETS = (b"import ", b"{% ", b"root:", b"SQLite format")


@pytest.mark.parametrize("up", UP)
def test_no_file_beside_the_static_ones_is_served(guarded_stack: Stack, up: str) -> None:
    for folder in FOLDERS:
        for target in TARGETS:
            for depth in (1, 2):
                for slash in ("/", "%2f", "\\"):
                    path = f"{folder}{(up + slash) * depth}{target}"
                    answer = send_raw(guarded_stack.port, f"GET {path} HTTP/1.1")
                    assert answer.status in {301, 302, 308, 400, 401, 403, 404}, path
                    assert not any(secret in answer.body for secret in SECRETS), path


@pytest.mark.parametrize("path", ["/static/../api/history", "/static/%2e%2e/api/history",
                                  "/livez/../api/history", "/s/wrong/../../api/history",
                                  "/api/history/", "//api/history", "/ping/..%2fapi/history",
                                  "/prefix/../api/history", "/static/..;/api/history"])  # fmt: skip
def test_open_path_leads_to_no_guarded_one(guarded_stack: Stack, path: str) -> None:
    answer = send_raw(guarded_stack.port, f"GET {path} HTTP/1.1")
    assert answer.status in {308, 401, 404}
    assert b'"series":' not in answer.body
    if answer.status == 308:
        location = dict(answer.headers)["location"]
        assert send_raw(guarded_stack.port, f"GET {location} HTTP/1.1").status in {400, 401}


@pytest.mark.parametrize("name", ["../users", "..%2fusers", "%2e%2e/users", "x/../../users"])
def test_name_in_a_path_leads_to_no_other_address(guarded_stack: Stack, name: str) -> None:
    for path in (f"/api/views/{name}", f"/v/{name}", f"/api/tokens/{name}", f"/api/shares/{name}"):
        head = f"DELETE {path} HTTP/1.1\r\nAuthorization: Bearer admin"
        answer = send_raw(guarded_stack.port, head)
        assert answer.status in {400, 404, 405}, path
