"""Line protocol with tags, from a write to the database, to queries and to the live stream."""

import http.client
import json
from urllib.parse import urlencode

import pytest

from tests.support.live_clients import EventStream, LiveClient
from tests.support.paths import ROOT
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, wait_until

pytestmark = pytest.mark.redis

TELEGRAF = (ROOT / "tests/fixtures/telegraf.lp").read_bytes()
NAMES_IN_PAGE = 20


def write_lines(stack: Stack, text: bytes) -> int:
    """Write line protocol as InfluxDB 2 takes it. Returns the status."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    connection.request("POST", "/api/v2/write?bucket=telegraf&org=", text)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture
def telegraf(shared_stack: Stack) -> Stack:
    """A stack that has stored what Telegraf sends."""
    assert write_lines(shared_stack, TELEGRAF) == 204
    query = "SELECT count(*) FROM series WHERE name LIKE 'net,%'"
    wait_until("the batch is stored", lambda: shared_stack.rows(query) == [(3,)])
    return shared_stack


def test_telegraf_is_stored_with_its_tags(telegraf: Stack) -> None:
    query = "SELECT tags FROM series WHERE name LIKE 'docker_container_mem,%usage'"
    ((text,),) = telegraf.rows(query)
    stored = json.loads(text)
    assert (stored["measurement"], stored["field"]) == ("docker_container_mem", "usage")
    assert stored["tags"]["maintainer"] == "Shop Team <team@shop.example>"
    depends_on = "db:service_healthy:true,cache:service_started:false"
    assert stored["tags"]["com.docker.compose.depends_on"] == depends_on

    path = f"/api/series?{urlencode({'tag.com.docker.compose.service': 'api', 'field': 'usage'})}"
    (series,) = telegraf.get(path)["series"]
    assert series["tags"] == stored
    assert telegraf.get(path.replace("service=api", "service=web"))["series"] == []
    history = telegraf.get("/api/history?from=0&tag.host=cellar&measurement=disk&field=free")
    names = [r"disk,device=mapper/vg-root,fstype=ext4,host=cellar,label=root,mode=rw,path=/ free"]
    names += ["disk,device=sdb1,fstype=vfat,host=cellar,mode=rw,path=/media/USB STICK, old free"]
    assert list(history["series"]) == names


def test_series_beyond_the_bound_is_a_dead_letter(telegraf: Stack) -> None:
    letters = [fields for _, fields in telegraf.redis.client.xrange("readings:rejected")]
    reasons = {fields["reason"] for fields in letters if fields["source"] == "line protocol"}
    assert reasons == {
        f"field 'io_service_bytes_recursive_{kind}': series must have at most 1024 characters"
        for kind in ("read", "write")
    }
    assert telegraf.rows("SELECT name FROM series WHERE name LIKE 'docker_container_blkio%'") == []


def test_new_series_with_the_tags_come_live(shared_stack: Stack) -> None:
    query = "tag.room=attic&field=temperature"
    with (
        LiveClient(shared_stack.port, f"?{query}") as client,
        EventStream(shared_stack.port, f"?{query}") as events,
    ):
        for viewer in (client, events):
            assert viewer.next_frame("hello")["series"] == {}
        lines = [
            b"live.tags,room=%b temperature=%d,humidity=40" % (room, value)
            for room, value in ((b"cellar", 12), (b"attic", 21))
        ]
        assert write_lines(shared_stack, b"\n".join(lines)) == 204
        for viewer in (client, events):
            (series,) = viewer.next_frame("series")["series"].items()
            assert series[0] == "live.tags,room=attic temperature"
            readings = viewer.next_frame("readings")["series"]
            assert [column for _, column in readings.values()] == [[21.0]]


def test_twenty_series_of_docker_fit_into_a_request(shared_stack: Stack) -> None:
    labels = ",".join(f"com.docker.compose.label{i}=/srv/ä/{i}" for i in range(10, 35))
    keys = [f"long.names.{i:02},{labels}" for i in range(NAMES_IN_PAGE)]
    assert write_lines(shared_stack, "\n".join(f"{key} usage=1 0" for key in keys).encode()) == 204
    names = [f"{key} usage" for key in keys]
    assert all(900 < len(name) <= 1_024 for name in names)
    query = urlencode({"series": names, "from": 0}, doseq=True)
    assert len(query) > 25_000
    wait_until(
        "all are answered",
        lambda: list(shared_stack.get(f"/api/history?{query}")["series"]) == names,
    )
    with LiveClient(shared_stack.port, f"?{query}") as client:
        assert client.next_frame("hello")
