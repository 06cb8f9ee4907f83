"""Stripchart behind nginx and Caddy, with the recipes of docs/reverse-proxy.md."""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.doctor import run_doctor
from tests.support.live_clients import LiveClient
from tests.support.paths import ROOT
from tests.support.redis_server import RedisServer
from tests.support.reverse_proxies import Proxy, caddy, nginx
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

BULK_COUNT = 30_000


def recipes(language: str) -> list[str]:
    """Return the two configurations for a proxy: without and with a path."""
    text = (ROOT / "docs" / "reverse-proxy.md").read_text(encoding="utf-8")
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2, language
    return blocks


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stack]]:
    """Two web services of one recorder, by their base path."""
    folder = tmp_path_factory.mktemp("proxied")
    settings = {"STRIPCHART_ALLOWED_HOSTS": "charts.example"}
    with (
        RedisServer.in_folder(folder / "redis") as server,
        Stack(folder, server, settings=settings) as plain,
        Stack(folder, server, settings=settings | {"BASE_PATH": "/charts"}) as under_path,
    ):
        plain.start("writer")
        plain.start("web")
        under_path.start("web")
        yield {"": plain, "/charts": under_path}


class Browser:
    """Requests as a browser sends them that has the page open at `charts.example`."""

    def __init__(self, proxy: Proxy, base_path: str) -> None:
        self.host = f"charts.example:{proxy.port}"
        self._port = proxy.port
        self._base_path = base_path

    def request(
        self, method: str, path: str, body: bytes | None = None, *, base_path: str | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        headers = {"Host": self.host}
        if method != "GET" or path.endswith(".js"):
            headers["Origin"] = f"http://{self.host}"
        prefix = self._base_path if base_path is None else base_path
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        with closing(connection):
            connection.request(method, f"{prefix}{path}", body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def view(self) -> LiveClient:
        return LiveClient(self._port, path=f"{self._base_path}/live", host=self.host)


@pytest.fixture(
    params=[
        pytest.param((nginx, "nginx"), id="nginx", marks=pytest.mark.nginx),
        pytest.param((caddy, "caddy"), id="caddy", marks=pytest.mark.caddy),
    ]
)
def program(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=["", "/charts"], ids=["root", "path"])
def base_path(request: pytest.FixtureRequest) -> str:
    path: str = request.param
    return path


@pytest.fixture
def stack(stacks: dict[str, Stack], base_path: str) -> Stack:
    return stacks[base_path]


@pytest.fixture
def browser(program: Any, base_path: str, stack: Stack, tmp_path: Path) -> Iterator[Browser]:
    run: Callable[[Path, str], AbstractContextManager[Proxy]]
    run, language = program
    recipe = recipes(language)[1 if base_path else 0]
    assert "127.0.0.1:5000" in recipe
    with run(tmp_path, recipe.replace("127.0.0.1:5000", f"127.0.0.1:{stack.port}")) as proxy:
        yield Browser(proxy, base_path)


def test_recipe_of_the_document_works(
    browser: Browser, stack: Stack, base_path: str, request: pytest.FixtureRequest
) -> None:
    status, _, page = browser.request("GET", "/")
    assert status == 200
    assert f'data-root="{base_path}/"'.replace('"/"', '"./"').encode() in page
    if (ROOT / "services" / "web" / "static" / "dist" / "app.js").exists():
        assert browser.request("GET", "/static/dist/app.js")[0] == 200
    if base_path:
        status, headers, _ = browser.request("GET", "/charts", base_path="")
        assert status in {301, 302}
        assert headers["Location"].endswith("/charts/")

    name = f"proxied.{request.node.callspec.id}"
    with browser.view() as viewer:
        viewer.next_frame("hello")
        body = json.dumps({"series": name, "value": 21.5}).encode()
        assert browser.request("POST", "/api/readings", body)[0] == 200
        assert viewer.next_frame("readings")["series"]
    lines = "".join(f"bulk,run={name} value={i} {i}\n" for i in range(1, BULK_COUNT + 1))
    body = lines.encode()
    assert len(body) > 1_048_576, "more than nginx accepts by default"
    assert browser.request("POST", "/write?db=home&precision=s", body)[0] == 204
    stack.get("/api/series")  # the writer commits for a reader
    wait_until("all is stored", lambda: len(stack.stored(f"bulk,run={name}")) == BULK_COUNT)
    assert stack.stored(name) == [21.5]
    assert browser.request("DELETE", f"/api/series?series={name}")[0] == 202


@pytest.mark.nginx
@pytest.mark.parametrize("base_path", [""])
@pytest.mark.parametrize(
    ("removed", "state", "text"),
    [
        ("", "ok", "leads to the page"),
        ("proxy_set_header Host $http_host;", "wrong", "A proxy must pass the header Host on"),
        ("proxy_set_header Upgrade $http_upgrade;", "warn", "does not pass WebSockets on"),
    ],
)
def test_doctor_finds_what_the_proxy_does_not_pass_on(
    stack: Stack, tmp_path: Path, removed: str, state: str, text: str
) -> None:
    recipe = recipes("nginx")[0].replace("127.0.0.1:5000", f"127.0.0.1:{stack.port}")
    assert removed in recipe
    with nginx(tmp_path, recipe.replace(removed, "")) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        found = run_doctor({**stack.environment, "STRIPCHART_PUBLIC_URL": url})["proxy"]
    assert (found[0], text in found[1]) == (state, True), found


@pytest.mark.nginx
@pytest.mark.parametrize("base_path", [""])
def test_idle_viewer_is_not_cut_by_a_timeout_of_seconds(stack: Stack, tmp_path: Path) -> None:
    recipe = recipes("nginx")[0].replace("127.0.0.1:5000", f"127.0.0.1:{stack.port}")
    impatient = recipe.replace("proxy_pass", "proxy_read_timeout 8s; proxy_pass")
    with nginx(tmp_path, impatient) as proxy, Browser(proxy, "").view() as viewer:
        for _ in range(2):
            viewer.next_frame("ping")
