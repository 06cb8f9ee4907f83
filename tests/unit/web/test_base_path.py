"""Serving under a base path."""

from dataclasses import replace

import pytest

from services.broker import Broker
from services.settings import Settings
from services.web.app import create_app


@pytest.mark.parametrize("path", ["/livez", "/charts/livez"])
def test_base_path_may_be_kept_or_stripped(settings: Settings, broker: Broker, path: str) -> None:
    client = create_app(replace(settings, base_path="/charts"), broker).test_client()
    assert client.get(path).status_code == 200
