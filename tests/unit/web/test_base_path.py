"""Serving under a base path."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from services.broker import Broker
from services.settings import Settings
from services.web.app import create_app


@pytest.mark.parametrize("path", ["/livez", "/charts/livez"])
def test_base_path_may_be_kept_or_stripped(settings: Settings, broker: Broker, path: str) -> None:
    client = create_app(replace(settings, base_path="/charts"), broker).test_client()
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("base_path", "path", "root"), [("/charts", "/charts/", "/charts/"), ("", "/", "./")]
)
def test_page_names_its_files_below_its_own_path(
    settings: Settings, broker: Broker, base_path: str, path: str, root: str
) -> None:
    client = create_app(replace(settings, base_path=base_path), broker).test_client()
    page = client.get(path).text
    assert f'data-root="{root}"' in page
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert len(addresses) > 5
    assert [address for address in addresses if not address.startswith(root)] == []


def test_page_under_an_unknown_path_names_the_setting(client: FlaskClient) -> None:
    response = client.get("/charts/", headers={"Accept": "text/html,*/*"})
    assert response.status_code == 404
    assert "set BASE_PATH" in response.get_json()["error"]
    assert "BASE_PATH" not in client.get("/charts/").get_json()["error"]
