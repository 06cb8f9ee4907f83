"""Share links: `/s/SECRET/` serves the shared page, and nothing else."""

import json
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.broker import Broker, Journal
from services.clock import now_microseconds
from services.position import JOURNAL_START
from services.settings import Settings
from services.share_command import RevokeShare
from services.web.access.control import SHARE_SECRET
from services.web.access.policy import SHARE_ENDPOINTS
from services.web.app import create_app
from services.web.services import web_services
from tests.support.access import AccessRecorder, new_share, new_token

HTML = {"Accept": "text/html"}
READING = {"series": "kitchen", "value": 1}


@pytest.fixture
def access(settings: Settings) -> AccessRecorder:
    """Links `greenhouse` and `ended`, and a token, so that everybody has to log in."""
    access = AccessRecorder(settings)
    access.carry_out(
        new_token("admin"),
        new_share("greenhouse", "kitchen", title="<b>Our</b> \"green\" 'house'"),
        new_share("ended", "kitchen", expires_at=2),
    )
    return access


@pytest.fixture
def shared(access: AccessRecorder, client: FlaskClient) -> FlaskClient:  # noqa: ARG001 (links)
    return client


def shared_document(page: str) -> dict[str, object]:
    """Return what the page is told of its share."""
    (text,) = re.findall(r'data-share="([^"]*)"', page)
    document: dict[str, object] = json.loads(
        text.replace("&#34;", '"').replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    )
    return document


def test_page_of_a_link_shows_its_title_and_stays_below_it(shared: FlaskClient) -> None:
    response = shared.get("/s/greenhouse/", headers=HTML)
    assert response.status_code == 200
    page = response.text
    assert shared_document(page) == {
        "title": "<b>Our</b> \"green\" 'house'",
        "window": None,
        "from": None,
        "to": None,
        "expires": None,
    }
    assert "<b>Our" not in page
    assert 'data-root="./"' in page
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert addresses
    assert [address for address in addresses if not address.startswith("./static/")] == []


def test_page_of_a_link_has_nothing_that_writes_or_leads_elsewhere(shared: FlaskClient) -> None:
    page = shared.get("/s/greenhouse/", headers=HTML).text
    whole = shared.get("/", headers=HTML | {"Authorization": "Bearer admin"}).text
    ids = (
        "open-send", "send", "import-view", "open-view-save", "menu-views", "editor", "share",
        "open-share", "overview", "guide-commands", "send-commands", "disk-usage",
    )  # fmt: skip
    assert [id_ for id_ in ids if f'id="{id_}"' not in whole] == []
    assert [id_ for id_ in ids if f'id="{id_}"' in page] == []
    assert "PUBLISH" not in page
    assert "manifest" not in page


def test_window_range_and_end_are_told_to_the_page(
    access: AccessRecorder, shared: FlaskClient
) -> None:
    end = now_microseconds() + 60_000_000
    access.carry_out(new_share("window", "a", window_seconds=60.0, expires_at=end))
    access.carry_out(new_share("range", "a", start=1_000_000, end=2_500_000))
    window = shared_document(shared.get("/s/window/").text)
    assert (window["window"], window["expires"]) == (60, end / 1e6)
    fixed = shared_document(shared.get("/s/range/").text)
    assert (fixed["from"], fixed["to"], fixed["window"]) == (1, 2.5, None)


@pytest.mark.parametrize("query", ["", "?window=1h&series=a%20b"])
def test_link_without_slash_is_completed(shared: FlaskClient, query: str) -> None:
    response = shared.get(f"/s/greenhouse{query}")
    assert response.status_code == 302
    assert response.headers["Location"] == f"./greenhouse/{query}"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "secret", ["https:evil.example", "%5C%5Cevil.example", "%2F%2Fevil.example", "a%0D%0Ab: c"]
)
def test_link_without_slash_redirects_to_no_other_server(shared: FlaskClient, secret: str) -> None:
    response = shared.get(f"/s/{secret}")
    assert response.status_code in {308, 401}
    assert "evil" not in response.headers.get("Location", "").partition("/s/")[0]


@pytest.mark.parametrize("path", ["/s/ended/", "/s/unknown/", "/s//", "/s/%00/", "/s/greenhous/"])
def test_page_of_no_link_says_that_it_has_ended(shared: FlaskClient, path: str) -> None:
    response = shared.get(path, headers=HTML)
    assert response.status_code == 401
    assert "This link has ended" in response.text
    assert response.mimetype == "text/html"
    # Nobody learns whether it was a link, and there is no way from here to the server.
    assert response.text == shared.get("/s/other/", headers=HTML).text
    assert 'href="./"' not in response.text
    answer = shared.get(f"{path}api/series")
    assert answer.status_code == 401
    error = {"ok": False, "error": "this link has ended", "status": 401}
    assert answer.get_json() == error
    assert shared.post(f"{path}livez").get_json() == error


def test_revoked_link_ends(access: AccessRecorder, shared: FlaskClient, app: Flask) -> None:
    assert shared.get("/s/greenhouse/api/series").status_code == 200
    cursor = access.carry_out(RevokeShare(new_share("greenhouse", "kitchen").share))
    web_services(app).directory.invalidate(cursor)
    assert shared.get("/s/greenhouse/api/series").status_code == 401


@pytest.mark.parametrize("path", ["/", "/api/series", "/api/nothing", "/live", "/api/readings"])
def test_secret_leaks_to_no_cache_server_or_search_engine(shared: FlaskClient, path: str) -> None:
    for secret in ("greenhouse", "unknown"):
        headers = shared.get(f"/s/{secret}{path}", headers=HTML).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_other_pages_keep_their_headers(shared: FlaskClient) -> None:
    headers = shared.get("/api/series", headers={"Authorization": "Bearer admin"}).headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert "X-Robots-Tag" not in headers


def test_link_serves_only_the_endpoints_of_its_page(shared: FlaskClient, app: Flask) -> None:
    refused = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in SHARE_ENDPOINTS or rule.endpoint == "share_links.add_slash":
            continue
        path = re.sub("<[^>]+>", "x", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            response = shared.open(
                f"/s/greenhouse{path}", method=method, headers={"Authorization": "Bearer admin"}
            )
            assert response.status_code == 403, (method, path)
            refused += 1
    assert refused > 15
    assert shared.get("/s/greenhouse/s/greenhouse/").status_code == 403
    assert shared.get("/s/greenhouse/s/greenhouse").status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/api/readings", "/write?db=a", "/api/v2/write?bucket=a", "/api/v3/write_lp?db=a", "/query"],
)
def test_link_publishes_nothing(shared: FlaskClient, broker: Broker, path: str) -> None:
    for secret, status in (("greenhouse", 403), ("unknown", 401)):
        response = shared.post(
            f"/s/{secret}{path}", data=b"cpu load=1", headers={"Authorization": "Bearer admin"}
        )
        assert response.status_code == status
    assert not Journal(broker).read(JOURNAL_START, 1).entries


@pytest.mark.usefixtures("access")
def test_link_works_below_a_base_path(settings: Settings, broker: Broker) -> None:
    client = create_app(replace(settings, base_path="/charts"), broker).test_client()
    for start in ("/charts", ""):
        page = client.get(f"{start}/s/greenhouse/", headers=HTML)
        assert page.status_code == 200
        assert 'data-root="./"' in page.text
        assert client.get(f"{start}/s/greenhouse/api/series").status_code == 200
        assert client.get(f"{start}/s/greenhouse").headers["Location"] == "./greenhouse/"
        assert client.post(f"{start}/s/greenhouse/api/readings", json=READING).status_code == 403


def test_redirect_stays_below_the_link(shared: FlaskClient) -> None:
    response = shared.get("/s/greenhouse//api//series")
    assert response.status_code in {308, 403, 401}
    location = response.headers.get("Location", "/s/greenhouse/")
    assert "/s/greenhouse/" in location


def test_link_of_another_site_opens_the_page_only(shared: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert shared.get("/s/greenhouse/", headers=headers).status_code == 200
    assert shared.get("/s/greenhouse", headers=headers).status_code == 302
    assert shared.get("/s/greenhouse/api/series", headers=headers).status_code == 403


def test_link_counts_on_an_open_server_too(settings: Settings, client: FlaskClient) -> None:
    access = AccessRecorder(settings)
    access.carry_out(new_share("open", "kitchen"))
    assert client.get("/s/open/api/series").status_code == 200
    assert client.post("/s/open/api/readings", json=READING).status_code == 403
    assert client.get("/s/closed/api/series").status_code == 401
    assert client.get("/api/series").status_code == 200


def test_secret_of_the_environment_is_only_that_of_the_path(shared: FlaskClient) -> None:
    response = shared.get("/api/series", headers={SHARE_SECRET: "greenhouse"})
    assert response.status_code == 401
    response = shared.get("/s/unknown/api/series", headers={"Authorization": "Bearer admin"})
    assert response.status_code == 401
