"""The official clients of InfluxDB write into a running Stripchart, with only its address set.

The Python packages are imported when a test needs them, because `make test` does without them.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import require_program
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

TS = 1_763_793_660_500_000_000
SMALL_JOURNAL = {"STRIPCHART_JOURNAL_MAX_ENTRIES": "2"}


@pytest.fixture
def recording(stack: Stack) -> Stack:
    """A stack that accepts and stores readings."""
    stack.start("writer")
    stack.start("web")
    return stack


@pytest.fixture
def full(stack: Stack) -> Stack:
    """A stack whose journal is full after two messages, because no writer runs."""
    stack.start("web", **SMALL_JOURNAL)
    return stack


def wait_until_stored(stack: Stack, series: str, values: list[float]) -> None:
    """Wait until a series has these values."""
    wait_until(f"{series} is stored", lambda: stack.stored(series) == values)


@pytest.mark.clients
class TestVersion1:
    """The package influxdb."""

    @pytest.fixture
    def connect(self) -> Iterator[Callable[[Stack], Any]]:
        clients: list[Any] = []

        def connect_client(stack: Stack, **options: Any) -> Any:
            connect_to = import_module("influxdb").InfluxDBClient
            clients.append(connect_to("127.0.0.1", stack.port, database="home", **options))
            return clients[-1]

        yield connect_client
        for client in clients:
            client.close()

    def test_write_is_stored(self, recording: Stack, connect: Callable[..., Any]) -> None:
        client = connect(recording)
        assert client.ping()
        client.create_database("other")
        assert client.get_list_database() == [{"name": "home"}, {"name": "other"}]
        client.write_points([])
        point = {"measurement": "v1", "tags": {"host": "a"}, "fields": {"value": 1.5, "on": True}}
        assert client.write_points([point | {"time": TS}])
        assert client.write_points([point | {"time": TS // 10**9}], time_precision="s")
        wait_until_stored(recording, "v1,host=a", [1.5, 1.5])
        wait_until_stored(recording, "v1,host=a on", [1.0, 1.0])

    def test_compressed_write_is_stored(
        self, recording: Stack, connect: Callable[..., Any]
    ) -> None:
        points = [
            {"measurement": "packed", "fields": {"value": i}, "time": i} for i in range(5_000)
        ]
        assert connect(recording, gzip=True).write_points(points, time_precision="s")
        wait_until_stored(recording, "packed", [float(i) for i in range(5_000)])

    def test_bad_lines_are_reported(self, recording: Stack, connect: Callable[..., Any]) -> None:
        lines = ["a value=1", "cpu", "b value=2"]
        expected = import_module("influxdb.exceptions").InfluxDBClientError
        with pytest.raises(expected) as error:
            connect(recording).write_points(lines, protocol="line")
        assert error.value.code == 400
        message = "partial write: unable to parse 'cpu': missing fields dropped=1"
        assert json.loads(error.value.content) == {"error": message}
        wait_until_stored(recording, "b", [2.0])

    def test_overload_is_a_server_error(self, full: Stack, connect: Callable[..., Any]) -> None:
        client = connect(full, retries=1)
        for _ in range(2):
            assert client.write_points(["a value=1"], protocol="line")
        expected = import_module("influxdb.exceptions").InfluxDBServerError
        with pytest.raises(expected, match="journal"):
            client.write_points(["a value=1"], protocol="line")


@pytest.mark.clients
class TestVersion2:
    """The package influxdb-client."""

    @pytest.fixture
    def write_api(self) -> Any:
        """Import the module that writes."""
        return import_module("influxdb_client.client.write_api")

    @pytest.fixture
    def connect(self) -> Iterator[Callable[..., Any]]:
        clients: list[Any] = []

        def connect_client(stack: Stack, **options: Any) -> Any:
            url = f"http://127.0.0.1:{stack.port}"
            connect_to = import_module("influxdb_client").InfluxDBClient
            clients.append(connect_to(url, "none", org="home", **options))
            return clients[-1]

        yield connect_client
        for client in clients:
            client.close()

    def test_write_is_stored(
        self, recording: Stack, connect: Callable[..., Any], write_api: Any
    ) -> None:
        client = connect(recording)
        assert client.ping()
        with pytest.warns(DeprecationWarning, match="ping"):
            assert client.health().status == "pass"
        assert client.ready().status == "ready"
        with client.write_api(write_api.SYNCHRONOUS) as api:
            point = (
                import_module("influxdb_client")
                .Point("v2")
                .tag("room", "Living Room")
                .field("value", 21.5)
            )
            api.write("home", record=point.field("text", "two\nlines").time(TS))
            api.write("home", record={"measurement": "v2", "fields": {"n": 3}, "time": TS})
        wait_until_stored(recording, "v2,room=Living Room", [21.5])
        wait_until_stored(recording, "v2 n", [3.0])

    def test_batches_are_stored(self, recording: Stack, connect: Callable[..., Any]) -> None:
        with connect(recording, enable_gzip=True).write_api() as api:
            for i in range(5_000):
                api.write("home", record=f"batched value={i} {i}", write_precision="ms")
        wait_until_stored(recording, "batched", [float(i) for i in range(5_000)])

    def test_bad_lines_are_reported(
        self, recording: Stack, connect: Callable[..., Any], write_api: Any
    ) -> None:
        api = connect(recording).write_api(write_api.SYNCHRONOUS)
        expected = import_module("influxdb_client.rest").ApiException
        with pytest.raises(expected) as error:
            api.write("home", record=["a value=1", "cpu", "b value=2"])
        assert error.value.status == 400
        assert "unable to parse 'cpu': missing fields" in error.value.message
        wait_until_stored(recording, "b", [2.0])

    def test_client_retries_after_overload(
        self, full: Stack, connect: Callable[..., Any], write_api: Any
    ) -> None:
        """Its batches wait for as long as Retry-After says, and lose nothing."""
        refused: list[Any] = []

        def on_retry(_batch: Any, _data: Any, error: Any) -> None:
            refused.append(error)
            if len(refused) == 1:
                full.start("writer", **SMALL_JOURNAL)

        options = write_api.WriteOptions(batch_size=1, flush_interval=10)
        with connect(full).write_api(options, retry_callback=on_retry) as api:
            for i in range(5):
                api.write("home", record=f"held value={i} {i}", write_precision="s")
        wait_until_stored(full, "held", [0.0, 1.0, 2.0, 3.0, 4.0])
        assert refused
        assert refused[0].response.status == 503
        assert refused[0].retry_after == "10"


@pytest.mark.node
class TestJavaScript:
    """The package @influxdata/influxdb-client."""

    @pytest.fixture
    def write(self) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
        """Start a process that writes lines, None for a point, and prints the result as JSON."""
        node = require_program("node")
        processes: list[subprocess.Popen[str]] = []

        def start_writing(stack: Stack, *lines: str | None) -> "subprocess.Popen[str]":
            script = str(Path(__file__).with_name("influx_clients") / "influxdb_client.cjs")
            command = [node, script, f"http://127.0.0.1:{stack.port}", json.dumps(lines)]
            processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            return processes[-1]

        yield start_writing
        for process in processes:
            process.kill()
            process.communicate()

    def test_write_is_stored(self, recording: Stack, write: Callable[..., Any]) -> None:
        output, _ = write(recording, None, 'js,host=b value=1,text="x\\"y"').communicate(timeout=50)
        assert json.loads(output) == {"ok": True}
        wait_until_stored(recording, "js,host=a", [21.5])
        wait_until_stored(recording, "js,host=b", [1.0])

    def test_bad_lines_are_reported(self, recording: Stack, write: Callable[..., Any]) -> None:
        output, _ = write(recording, "js", "js value=2").communicate(timeout=50)
        error = json.loads(output)
        assert error["status"] == 400
        assert error["message"].startswith("partial write: unable to parse 'js': missing fields")
        wait_until_stored(recording, "js", [2.0])

    def test_client_retries_after_overload(self, full: Stack, write: Callable[..., Any]) -> None:
        """It waits for its own default of seconds, and loses nothing."""
        for _ in range(2):
            full.post("/api/readings", {"series": "first", "value": 1})
        client = write(full, "held value=1 1", "held value=2 2000")
        error = json.loads(client.stdout.readline())
        assert (error["status"], error["attempt"]) == (503, 1)
        full.start("writer", **SMALL_JOURNAL)
        output, _ = client.communicate(timeout=50)
        assert json.loads(output.splitlines()[-1]) == {"ok": True}
        wait_until_stored(full, "held", [1.0, 2.0])
