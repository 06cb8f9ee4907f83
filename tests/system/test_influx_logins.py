"""InfluxData's clients for Python log in with tokens and passwords, and understand refusals.

None of them repeats a write that was refused for want of access, because that can't succeed. The
packages are imported when a test needs them, because `make test` does without them.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.access import PASSWORD, carry_out, new_token, new_user
from tests.support.redis_server import RedisServer
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long, pytest.mark.clients]

TOKEN, VIEWER, KITCHEN = "sct_writer", "sct_viewer", "sct_kitchen"  # no real ones
REFUSALS: Final = [
    pytest.param("wrong", 401, "the token or password is unknown", id="wrong"),
    pytest.param("", 401, "log in, or send a token", id="missing"),
    pytest.param(VIEWER, 403, "this needs the role write", id="viewer"),
    pytest.param(KITCHEN, 400, "no access to the series", id="other-series"),
]
"""A token, the status of the answer to a write with it, and a part of the reason."""

CODES: Final = {400: "invalid", 401: "unauthorized", 403: "forbidden"}
"""Codes of errors of version 2, by their status."""


@pytest.fixture(scope="module")
def guarded_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("logins")
    with RedisServer.in_folder(folder / "redis") as server, Stack(folder, server) as stack:
        stack.start("writer")
        stack.start("web")
        tokens = (
            new_token("write", TOKEN),
            new_token("view", VIEWER),
            new_token("write", KITCHEN, ("kitchen.*",)),
        )
        carry_out(stack, *tokens, new_user("anna", "write"))
        yield stack


def wait_until_stored(stack: Stack, series: str, value: float) -> None:
    wait_until(f"{series} is stored", lambda: stack.stored(series) == [value])


class TestVersion1:
    """The package influxdb."""

    @pytest.mark.parametrize(
        ("user", "password", "series"),
        [
            ("anything", TOKEN, "v1.token"),
            ("anna", PASSWORD, "v1.password"),
            ("anything", KITCHEN, "kitchen.v1"),
        ],
    )
    def test_name_and_password_log_in(
        self, guarded_stack: Stack, user: str, password: str, series: str
    ) -> None:
        influxdb = import_module("influxdb")
        client = influxdb.InfluxDBClient("127.0.0.1", guarded_stack.port, user, password, "home")
        with closing(client):
            assert client.write_points([f"{series} value=1"], protocol="line")
        wait_until_stored(guarded_stack, series, 1.0)

    @pytest.mark.parametrize(
        ("user", "password", "status", "reason"),
        [
            pytest.param("anna", "wrong", 401, "the token or password", id="wrong-password"),
            *(pytest.param("x", *each.values, id=each.id) for each in REFUSALS),
        ],
    )
    def test_refusal_is_an_error_that_is_not_repeated(
        self, guarded_stack: Stack, user: str, password: str, status: int, reason: str
    ) -> None:
        influxdb = import_module("influxdb")
        # It repeats what fails with 500 and more, as often as `retries` says.
        client = influxdb.InfluxDBClient("127.0.0.1", guarded_stack.port, user, password, "home")
        error_class = influxdb.exceptions.InfluxDBClientError
        with closing(client), pytest.raises(error_class, match=reason) as caught:
            client.write_points(["refused value=1"], protocol="line")
        assert caught.value.code == status


class TestVersion2:
    """The package influxdb_client."""

    @pytest.fixture
    def connect(self, guarded_stack: Stack) -> Iterator[Callable[[str], Any]]:
        """Return a function that makes a writer with a token."""
        module = import_module("influxdb_client")
        options = import_module("influxdb_client.client.write_api").SYNCHRONOUS
        url = f"http://127.0.0.1:{guarded_stack.port}"
        with ExitStack() as stack:

            def make(token: str) -> Any:
                client = stack.enter_context(module.InfluxDBClient(url, token, org="home"))
                return stack.enter_context(client.write_api(options))

            yield make

    @pytest.mark.parametrize(("token", "series"), [(TOKEN, "v2"), (KITCHEN, "kitchen.v2")])
    def test_token_logs_in(
        self, guarded_stack: Stack, connect: Callable[[str], Any], token: str, series: str
    ) -> None:
        connect(token).write("home", record=f"{series} value=1")
        wait_until_stored(guarded_stack, series, 1.0)

    def test_name_and_password_log_in(self, guarded_stack: Stack) -> None:
        client_class = import_module("influxdb_client").InfluxDBClient
        options = import_module("influxdb_client.client.write_api").SYNCHRONOUS
        url = f"http://127.0.0.1:{guarded_stack.port}"
        # Its way to InfluxDB 1.8.
        with (
            client_class(url, f"anna:{PASSWORD}", org="-") as client,
            client.write_api(options) as writer,
        ):
            writer.write("home", record="v2.password value=1")
        wait_until_stored(guarded_stack, "v2.password", 1.0)

    @pytest.mark.parametrize(
        ("token", "status", "reason"),
        [*REFUSALS, pytest.param("anna:wrong", 401, "the token or password", id="wrong-password")],
    )
    def test_refusal_is_an_error_with_its_code(
        self, connect: Callable[[str], Any], token: str, status: int, reason: str
    ) -> None:
        with pytest.raises(import_module("influxdb_client.rest").ApiException) as caught:
            connect(token).write("home", record="refused value=1")
        error: Any = caught.value
        assert error.status == status
        assert CODES[status] in str(error.body)
        assert reason in str(error.body)


@pytest.mark.parametrize("use_v2_api", [True, False], ids=["v2-api", "v3-api"])
class TestVersion3:
    """The package influxdb_client_3, which writes to version 2 if it is not told otherwise."""

    @pytest.fixture
    def connect(self, guarded_stack: Stack, use_v2_api: bool) -> Iterator[Callable[..., Any]]:
        """Return a function that makes a client with a token, and options of writes."""
        module = import_module("influxdb_client_3")
        url = f"http://127.0.0.1:{guarded_stack.port}"
        with ExitStack() as stack:

            def make(token: str, scheme: str = "Token", **options: Any) -> Any:
                options.setdefault("write_type", module.SYNCHRONOUS.write_type)
                callbacks = {
                    name: options.pop(name) for name in list(options) if name.endswith("callback")
                }
                writes = module.WriteOptions(use_v2_api=use_v2_api, **options)
                client = module.InfluxDBClient3(
                    url,
                    token=token,
                    database="home",
                    auth_scheme=scheme,
                    write_client_options={"write_options": writes, **callbacks},
                )
                return stack.enter_context(client)

            yield make

    @pytest.mark.parametrize("scheme", ["Token", "Bearer"])
    @pytest.mark.parametrize(("token", "start"), [(TOKEN, "v3"), (KITCHEN, "kitchen")])
    def test_token_logs_in(
        self, guarded_stack: Stack, connect: Callable[..., Any], token: str, scheme: str, start: str
    ) -> None:
        series = f"{start}.{random.randbytes(4).hex()}"  # noqa: S311 (a name)
        connect(token, scheme).write(f"{series} value=1")
        wait_until_stored(guarded_stack, series, 1.0)

    @pytest.mark.parametrize(("token", "status", "reason"), REFUSALS)
    def test_refusal_is_an_error_with_its_reason(
        self, connect: Callable[..., Any], token: str, status: int, reason: str
    ) -> None:
        error_class = import_module("influxdb_client_3").InfluxDBError
        with pytest.raises(error_class) as caught:
            connect(token).write("refused value=1")
        assert caught.value.response.status == status
        assert reason in caught.value.message

    @pytest.mark.parametrize(("token", "status", "reason"), REFUSALS)
    def test_refused_batch_is_given_up_at_once(
        self, connect: Callable[..., Any], token: str, status: int, reason: str
    ) -> None:
        failures: list[Any] = []
        retries: list[Any] = []
        client = connect(
            token,
            write_type=import_module("influxdb_client_3").WriteType.batching,
            batch_size=1,
            retry_interval=10,
            error_callback=lambda _place, _lines, error: failures.append(error),
            retry_callback=lambda _place, _lines, error: retries.append(error),
        )
        client.write("refused value=1")
        client.close()  # It waits for the batch.
        assert [error.response.status for error in failures] == [status]
        assert reason in failures[0].message
        assert retries == []


def test_version_3_names_the_lines_of_another_series(guarded_stack: Stack) -> None:
    module = import_module("influxdb_client_3")
    error_class = import_module("influxdb_client_3.exceptions").InfluxDBPartialWriteError
    url = f"http://127.0.0.1:{guarded_stack.port}"
    with module.InfluxDBClient3(
        url, token=KITCHEN, database="home", write_use_v2_api=False
    ) as client:
        with pytest.raises(error_class) as caught:
            client.write(["kitchen.partial value=1", "refused value=1"])
        (line,) = caught.value.line_errors
    assert (line.line_number, line.original_line) == (2, "refused value=1")
    assert "no access to the series" in line.error_message
    wait_until_stored(guarded_stack, "kitchen.partial", 1.0)


@pytest.mark.parametrize("path", ["/write?db=x", "/api/v2/write?bucket=x", "/api/v3/write_lp?db=x"])
def test_telegraf_without_a_token_is_refused_in_json(guarded_stack: Stack, path: str) -> None:
    status, document = guarded_stack.request("POST", path, b"cpu usage=1")
    assert status == 401
    assert set(document) <= {"error", "code", "message"}
