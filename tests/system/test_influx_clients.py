"""InfluxDB's own clients write into a running Stripchart, told nothing but the address."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import influxdb
import influxdb_client
import pytest
from influxdb.exceptions import InfluxDBClientError, InfluxDBServerError
from influxdb_client.client.write_api import SYNCHRONOUS, WriteOptions
from influxdb_client.rest import ApiException

from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

TS = 1_763_793_660_500_000_000
ONE_ENTRY = {"STRIPCHART_JOURNAL_MAX_ENTRIES": "2"}


@pytest.fixture
def recording(stack: Stack) -> Stack:
    """A stack that takes and stores what is written."""
    stack.start("writer")
    stack.start("web")
    return stack


@pytest.fixture
def full(stack: Stack) -> Stack:
    """A stack whose journal takes two more messages, since nobody stores them."""
    stack.start("web", **ONE_ENTRY)
    return stack


def stored(stack: Stack, series: str, values: list[float]) -> None:
    """Wait until these are the values of a series."""
    wait_until(f"{series} is stored", lambda: stack.stored(series) == values)


class TestVersion1:
    """The package influxdb."""

    @pytest.fixture
    def connect(self) -> Iterator[Callable[[Stack], Any]]:
        made: list[Any] = []

        def connected(stack: Stack, **options: Any) -> Any:
            made.append(
                influxdb.InfluxDBClient("127.0.0.1", stack.port, database="home", **options)
            )
            return made[-1]

        yield connected
        for client in made:
            client.close()

    def test_it_writes(self, recording: Stack, connect: Callable[..., Any]) -> None:
        client = connect(recording)
        assert client.ping()
        client.create_database("home")
        assert client.get_list_database() == [{"name": "stripchart"}]
        client.write_points([])
        point = {"measurement": "v1", "tags": {"host": "a"}, "fields": {"value": 1.5, "on": True}}
        assert client.write_points([point | {"time": TS}])
        assert client.write_points([point | {"time": TS // 10**9}], time_precision="s")
        stored(recording, "v1,host=a", [1.5, 1.5])
        stored(recording, "v1,host=a on", [1.0, 1.0])

    def test_it_writes_compressed(self, recording: Stack, connect: Callable[..., Any]) -> None:
        points = [
            {"measurement": "packed", "fields": {"value": i}, "time": i} for i in range(5_000)
        ]
        assert connect(recording, gzip=True).write_points(points, time_precision="s")
        stored(recording, "packed", [float(i) for i in range(5_000)])

    def test_it_is_told_of_bad_lines(self, recording: Stack, connect: Callable[..., Any]) -> None:
        lines = ["a value=1", "cpu", "b value=2"]
        with pytest.raises(InfluxDBClientError) as error:
            connect(recording).write_points(lines, protocol="line")
        assert error.value.code == 400
        message = "partial write: unable to parse 'cpu': missing fields dropped=1"
        assert json.loads(error.value.content) == {"error": message}
        stored(recording, "b", [2.0])

    def test_it_is_told_of_overload(self, full: Stack, connect: Callable[..., Any]) -> None:
        client = connect(full, retries=1)
        for _ in range(2):
            assert client.write_points(["a value=1"], protocol="line")
        with pytest.raises(InfluxDBServerError, match="journal"):
            client.write_points(["a value=1"], protocol="line")


class TestVersion2:
    """The package influxdb-client."""

    @pytest.fixture
    def connect(self) -> Iterator[Callable[..., Any]]:
        made: list[Any] = []

        def connected(stack: Stack, **options: Any) -> Any:
            url = f"http://127.0.0.1:{stack.port}"
            made.append(influxdb_client.InfluxDBClient(url, "none", org="home", **options))
            return made[-1]

        yield connected
        for client in made:
            client.close()

    def test_it_writes(self, recording: Stack, connect: Callable[..., Any]) -> None:
        client = connect(recording)
        assert client.ping()
        with pytest.warns(DeprecationWarning, match="ping"):
            assert client.health().status == "pass"
        assert client.ready().status == "ready"
        with client.write_api(SYNCHRONOUS) as api:
            point = influxdb_client.Point("v2").tag("room", "Living Room").field("value", 21.5)
            api.write("home", record=point.field("text", "two\nlines").time(TS))
            api.write("home", record={"measurement": "v2", "fields": {"n": 3}, "time": TS})
        stored(recording, "v2,room=Living Room", [21.5])
        stored(recording, "v2 n", [3.0])

    def test_it_writes_in_batches(self, recording: Stack, connect: Callable[..., Any]) -> None:
        with connect(recording, enable_gzip=True).write_api() as api:
            for i in range(5_000):
                api.write("home", record=f"batched value={i} {i}", write_precision="ms")
        stored(recording, "batched", [float(i) for i in range(5_000)])

    def test_it_is_told_of_bad_lines(self, recording: Stack, connect: Callable[..., Any]) -> None:
        api = connect(recording).write_api(SYNCHRONOUS)
        with pytest.raises(ApiException) as error:
            api.write("home", record=["a value=1", "cpu", "b value=2"])
        assert error.value.status == 400
        assert "unable to parse 'cpu': missing fields" in error.value.message
        stored(recording, "b", [2.0])

    def test_it_tries_again_after_overload(self, full: Stack, connect: Callable[..., Any]) -> None:
        """Its batches wait for as long as they are told to, and lose nothing."""
        refused: list[Any] = []

        def on_retry(_batch: Any, _data: Any, error: Any) -> None:
            refused.append(error)
            if len(refused) == 1:
                full.start("writer", **ONE_ENTRY)

        options = WriteOptions(batch_size=1, flush_interval=10)
        with connect(full).write_api(options, retry_callback=on_retry) as api:
            for i in range(5):
                api.write("home", record=f"held value={i} {i}", write_precision="s")
        stored(full, "held", [0.0, 1.0, 2.0, 3.0, 4.0])
        assert refused
        assert refused[0].response.status == 503
        assert refused[0].retry_after == "10"


class TestJavaScript:
    """The package @influxdata/influxdb-client, which make test-all installs."""

    @pytest.fixture
    def write(self) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
        """A process that writes lines, None for a point, and tells what came of them."""
        node, name = shutil.which("node"), "@influxdata/influxdb-client"
        if node is None or _fails([node, "-e", f"require('{name}')"]):
            pytest.skip(f"needs node, and its package {name}: scripts/setup frontend")
        made: list[subprocess.Popen[str]] = []

        def writing(stack: Stack, *lines: str | None) -> "subprocess.Popen[str]":
            script = str(Path(__file__).with_name("influx_client.cjs"))
            command = [node, script, f"http://127.0.0.1:{stack.port}", json.dumps(lines)]
            made.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            return made[-1]

        yield writing
        for process in made:
            process.kill()
            process.communicate()

    def test_it_writes(self, recording: Stack, write: Callable[..., Any]) -> None:
        told, _ = write(recording, None, 'js,host=b value=1,text="x\\"y"').communicate(timeout=50)
        assert json.loads(told) == {"ok": True}
        stored(recording, "js,host=a", [21.5])
        stored(recording, "js,host=b", [1.0])

    def test_it_is_told_of_bad_lines(self, recording: Stack, write: Callable[..., Any]) -> None:
        told, _ = write(recording, "js", "js value=2").communicate(timeout=50)
        error = json.loads(told)
        assert error["status"] == 400
        assert error["message"].startswith("partial write: unable to parse 'js': missing fields")
        stored(recording, "js", [2.0])

    def test_it_tries_again_after_overload(self, full: Stack, write: Callable[..., Any]) -> None:
        """It waits for seconds, as it does by itself, and loses nothing."""
        for _ in range(2):
            full.post("/api/readings", {"series": "first", "value": 1})
        client = write(full, "held value=1 1", "held value=2 2000")
        error = json.loads(client.stdout.readline())
        assert (error["status"], error["attempt"]) == (503, 1)
        full.start("writer", **ONE_ENTRY)
        told, _ = client.communicate(timeout=50)
        assert json.loads(told.splitlines()[-1]) == {"ok": True}
        stored(full, "held", [1.0, 2.0])


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False, env=os.environ).returncode != 0
