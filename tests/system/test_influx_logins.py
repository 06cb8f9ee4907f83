"""InfluxData's clients for Python log in with tokens and passwords, and understand refusals."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support.access import PASSWORD, carry_out, new_token, new_user
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long, pytest.mark.clients]

TOKEN, VIEWER = "sct_writer", "sct_viewer"  # no real ones


@pytest.fixture(scope="module")
def guarded_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("logins")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        carry_out(
            stack, new_token("write", TOKEN), new_token("view", VIEWER), new_user("anna", "write")
        )
        yield stack


def is_stored(stack: Stack, series: str) -> bool:
    return bool(stack.stored(f"{series}.value") or stack.stored(series))


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [
        ("anything", TOKEN, None),
        ("anna", PASSWORD, None),
        ("anna", "wrong", 401),
        ("anything", VIEWER, 403),
    ],
)
def test_version_1_logs_in_by_name_and_password(
    guarded_stack: Stack, user: str, password: str, status: int | None
) -> None:
    influxdb = import_module("influxdb")
    client = influxdb.InfluxDBClient("127.0.0.1", guarded_stack.port, user, password, "home")
    with closing(client):
        if status is None:
            assert client.write_points([f"v1{user} value=1"], protocol="line")
            wait_until("it is stored", lambda: is_stored(guarded_stack, f"v1{user}"))
            return
        with pytest.raises(influxdb.exceptions.InfluxDBClientError) as caught:
            client.write_points(["v1 value=1"], protocol="line")
        assert caught.value.code == status


@pytest.mark.parametrize(("token", "status"), [(TOKEN, None), ("wrong", 401), (VIEWER, 403)])
def test_version_2_logs_in_by_a_token(guarded_stack: Stack, token: str, status: int | None) -> None:
    influxdb = import_module("influxdb_client")
    url = f"http://127.0.0.1:{guarded_stack.port}"
    with ExitStack() as stack:
        client = stack.enter_context(influxdb.InfluxDBClient(url, token, org="home"))
        options = import_module("influxdb_client.client.write_api").SYNCHRONOUS
        writer = stack.enter_context(client.write_api(options))
        if status is None:
            writer.write("home", record="v2 value=1")
            wait_until("it is stored", lambda: is_stored(guarded_stack, "v2"))
            return
        with pytest.raises(import_module("influxdb_client.rest").ApiException) as caught:
            writer.write("home", record="v2 value=1")
        error: Any = caught.value
        assert error.status == status
        assert {401: "unauthorized", 403: "forbidden"}[status] in str(error.body)


@pytest.mark.parametrize("path", ["/write?db=x", "/api/v2/write?bucket=x", "/api/v3/write_lp?db=x"])
def test_telegraf_without_a_token_is_refused_in_json(guarded_stack: Stack, path: str) -> None:
    status, document = guarded_stack.request("POST", path, b"cpu usage=1")
    assert status == 401
    assert set(document) <= {"error", "code", "message"}
