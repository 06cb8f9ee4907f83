"""The API keeps to its description, for any request."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.broker import Broker
from services.broker.commit_requests import CommitWaiter
from services.cli.supervise.fake_server import new_fake_server
from services.clock import now_microseconds
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from services.web.app import create_app
from services.web.http.contract import contract_of
from tests.support.databases import migrated_engine
from tests.support.recordings import Recording

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
few_examples = hypothesis_settings(
    max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application whose database has readings, some of them in buckets, and a writer."""
    engine = migrated_engine(settings)
    now = now_microseconds()
    readings = [Reading("many", now - second * 1_000_000, 1.0, "V") for second in range(2_000)]
    recorder = Recorder(engine, "readings:journal", now_microseconds)
    recorder.commit(
        WriteBatch([*readings, Reading("one", now, 2.0)]),
        Checkpoint(Cursor("a", EntryId(1, 0)), 1, 1),
    )
    engine.dispose()
    broker = Broker(fakeredis.FakeRedis(server=new_fake_server()), settings)
    recording = Recording(broker)
    monkeypatch.setattr(CommitWaiter, "wait", lambda _waiter: recording.write())
    return create_app(settings, broker)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_any_request_is_answered_as_described(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    results: list[Any] = list(schema.get_all_operations())
    # A stream has no end; tests/system/test_stream.py tests it.
    operations = [result.ok() for result in results if result.ok().path != "/api/stream"]
    assert len(operations) >= 6
    for operation in operations:
        # A route without parameters has no invalid requests.
        has_input = bool(operation.query or operation.body)
        for mode in MODES if has_input else MODES[:1]:

            @given(case=operation.as_strategy(generation_mode=mode))
            @few_examples
            def is_answered(case: Any) -> None:
                case.call_and_validate(checks=CHECKS)

            is_answered()


def test_every_route_of_the_api_has_a_contract(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api"):
            assert contract_of(app.view_functions[rule.endpoint]) is not None, rule.rule


def test_required_parameters_are_described(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    paths, schemas = document["paths"], document["components"]["schemas"]
    for path, name in (("/api/v2/write", "bucket"), ("/api/v3/write_lp", "db")):
        (parameter,) = [p for p in paths[path]["post"]["parameters"] if p["name"] == name]
        assert parameter["required"]
        assert parameter["schema"]["minLength"] == 1
    body = paths["/api/series/{name}"]["patch"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["minProperties"] == 1
    assert schemas["SeriesChange"]["additionalProperties"] is False


def test_every_route_describes_403(client: FlaskClient) -> None:
    for path, operations in client.get("/api/openapi.json").get_json()["paths"].items():
        for method, operation in operations.items():
            assert "403" in operation["responses"], f"{method} {path}"


def test_every_route_of_the_api_is_documented(client: FlaskClient) -> None:
    text = (Path(__file__).parents[3] / "docs" / "http-api.md").read_text(encoding="utf-8")
    for path, operations in client.get("/api/openapi.json").get_json()["paths"].items():
        for method in operations:
            plain = re.sub(r"\{\w+\}", "<name>", path)
            assert f"`{method.upper()} {plain}`" in text


def test_page_shows_everything_and_loads_nothing_from_other_hosts(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    page = client.get("/api/")
    assert page.mimetype == "text/html"
    for name in (*document["paths"], *document["components"]["schemas"]):
        assert name in page.text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    assert set(re.findall(r'href="#(\w+)"', page.text)) <= set(re.findall(r'id="(\w+)"', page.text))


def test_addresses_include_base_path(settings: Settings) -> None:
    app = create_app(replace(settings, base_path="/charts"))
    document = app.test_client().get("/charts/api/openapi.json").get_json()
    assert document["servers"] == [{"url": "/charts"}]
    assert 'href="/charts/static' in app.test_client().get("/charts/api/").text
