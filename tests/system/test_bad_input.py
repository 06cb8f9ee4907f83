"""Bad input from every side: each item refused alone with its reason, its neighbours stored."""

import http.client
import json
import os
import re
import signal
import socket
import time
from typing import Any

import pytest
import redis

from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS, time_limit, wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

GOOD = '{"series":"good","value":1}'

# One item each, and what its reason must say.
BAD = {
    '{"series":"bad","value":NaN}': "finite",
    '{"series":"bad","value":-Infinity}': "finite",
    '{"series":"bad","value":1e400}': "finite",
    f'{{"series":"bad","value":{"9" * 5_000}}}': "finite",
    '{"series":"bad","value":true}': "value must be a number",
    '{"series":"bad","value":"21.5"}': "value must be a number",
    '{"series":"bad","value":null}': "value must be a number",
    '{"series":"bad"}': "value is missing",
    '{"value":1}': "series is missing",
    '{"series":7,"value":1}': "series must be a string",
    '{"series":"","value":1}': "series must not be empty",
    f'{{"series":"{"x" * 201}","value":1}}': "at most 200 characters",
    '{"series":"bad\\u0000","value":1}': "control characters",
    '{"series":"bad\\u009f","value":1}': "control characters",
    '{"series":"bad\\ud800","value":1}': "control characters",
    '{"series":"bad","value":1,"unit":"\\u001b[31m"}': "unit must not contain control",
    '{"series":"bad","value":1,"ts":1763793660123}': "is it in seconds?",
    '{"series":"bad","value":1,"ts":32503680000}': "10 minutes ahead",
    '{"series":"bad","value":1,"ts":"2999-01-01T00:00:00Z"}': "10 minutes ahead",
    '{"series":"bad","value":1,"ts":-0.5}': "before 1970",
    '{"series":"bad","value":1,"ts":"1969-12-31T23:59:59.999999Z"}': "before 1970",
    '{"series":"bad","value":1,"ts":"yesterday"}': "ts can't be read",
    '{"series":"bad","value":1,"ts":"\\ud800"}': "ts can't be read",
    '{"series":"bad","value":1,"ts":1e999}': "ts can't be read",
    '{"series":"bad","value":1,"ts":true}': "ts must be a number",
    '["series","bad"]': "must be an object",
    '"bad"': "must be an object",
    "17": "must be an object",
    "null": "must be an object",
}

# Times of the same moment, 0.5 s after 1763793660, as people and programs write them.
MOMENTS = [
    "1763793660.5",
    "1763793660.500000000",
    '"2025-11-22T06:41:00.5Z"',
    '"2025-11-22T06:41:00.500"',
    '"2025-11-22 06:41:00.500000+00:00"',
    '"2025-11-22T07:41:00.5+01:00"',
    '"20251122T064100.5Z"',
]


@pytest.fixture
def recording(stack: Stack) -> Stack:
    """A stack whose writer listens and whose web answers."""
    stack.start("writer")
    stack.start("web")
    wait_until("the writer listens", lambda: _listeners(stack) >= 2)
    return stack


def _listeners(stack: Stack) -> int:
    count: int = stack.redis.client.pubsub_numsub("readings")[0][1]
    return count


def post(stack: Stack, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    """Status and document of a write."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", "/api/readings", body, headers)
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


def rejected(stack: Stack) -> list[dict[str, str]]:
    """What was set aside, each with its reason. Some of it is no text."""
    client: Any = redis.Redis(
        port=stack.redis.port, decode_responses=True, encoding_errors="replace", protocol=2
    )
    with client:
        return [fields for _id, fields in client.xrange("readings:rejected")]


def test_http_refuses_each_bad_item_alone(recording: Stack) -> None:
    items = [part for item in BAD for part in (item, GOOD)]
    status, document = post(recording, f"[{','.join(items)}]".encode())
    assert status == 400
    assert document["written"] == len(BAD)
    assert [error["index"] for error in document["errors"]] == list(range(0, len(items), 2))
    for error, (item, reason) in zip(document["errors"], BAD.items(), strict=True):
        assert reason in error["error"], item[:80]
    wait_until("the neighbours are stored", lambda: len(recording.stored("good")) == len(BAD))
    assert recording.rows("SELECT name FROM series") == [("good",)]


def test_a_stranger_is_refused_each_bad_item_alone(recording: Stack) -> None:
    client = recording.redis.client
    for item in BAD:
        client.publish("readings", f"[{item},{GOOD}]")
    wait_until("the neighbours are stored", lambda: len(recording.stored("good")) == len(BAD))
    wait_until("all are set aside", lambda: client.xlen("readings:rejected") == len(BAD))
    for fields, (item, reason) in zip(rejected(recording), BAD.items(), strict=True):
        assert item[:1_000] in fields["m"]
        assert reason in fields["reason"]
        assert fields["source"] == "channel"
    assert recording.rows("SELECT name FROM series") == [("good",)]


def test_an_entry_made_by_hand_is_refused_each_bad_item_alone(recording: Stack) -> None:
    """In the journal a time is not judged by the clock again, and must be there."""
    client = recording.redis.client
    good = '{"series":"good","value":1,"ts":%d}'
    bad = {item: reason for item, reason in BAD.items() if "10 minutes" not in reason}
    for place, item in enumerate(bad):
        client.xadd("readings:journal", {"m": f'{{"readings":[{item},{good % place}]}}'})
    client.xadd("readings:journal", {"m": b"\xff\xfe"})
    client.xadd("readings:journal", {"m": "[" * 100_000})
    client.xadd("readings:journal", {"x": "no message at all"})
    client.xadd("readings:journal", {"m": '{"readings":[%s]}' % (good % 999)})
    wait_until("the neighbours are stored", lambda: len(recording.stored("good")) == len(bad) + 1)
    wait_until("all are set aside", lambda: client.xlen("readings:rejected") == len(bad) + 3)
    reasons = [fields["reason"] for fields in rejected(recording)]
    for found, reason in zip(reasons, bad.values(), strict=False):
        assert reason in found or "10 minutes ahead" in found
    assert [reason[:16] for reason in reasons[-3:]] == [
        "not UTF-8",
        "nested too deepl",
        "not a message th",
    ]
    assert recording.rows("SELECT name FROM series") == [("good",)]
    assert recording.rows("SELECT * FROM gaps") == []


def test_what_is_unusual_and_right_is_stored(recording: Stack) -> None:
    for place, moment in enumerate(MOMENTS):
        status, _ = post(recording, f'{{"series":"{place}","value":1,"ts":{moment}}}'.encode())
        assert status == 200, moment
    twice = b'{"series":"x","series":"last counts","value":1,"value":2}'
    assert post(recording, twice)[0] == 200
    unknown = b'{"1":2,"":[],"series":"unknown keys","value":-0.0,"\\u0000":{"a":[1]}}'
    assert post(recording, unknown)[0] == 200
    largest = b'{"series":"' + b"\xf0\x9f\x98\x80" * 200 + b'","value":1.7976931348623157e308}'
    assert post(recording, largest)[0] == 200
    wait_until(
        "all are stored",
        lambda: recording.rows("SELECT count(*) FROM readings") == [(len(MOMENTS) + 3,)],
    )
    times = recording.rows(
        "SELECT DISTINCT ts FROM readings JOIN series ON id = series_id WHERE length(name) = 1"
    )
    assert times == [(1_763_793_660_500_000,)]
    assert recording.stored("last counts") == [2.0]


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"garbage", b"[" * 1_000_000, b'{"a":' * 200_000, b"21.5", b"[1,"],
)
def test_what_no_item_can_be_told_from_is_refused(recording: Stack, body: bytes) -> None:
    status, document = post(recording, body)
    assert (status, document["ok"]) == (400, False)
    assert document["error"]


def test_a_body_too_large_is_refused(recording: Stack) -> None:
    status, document = post(recording, b" " * 25_000_001)
    assert (status, document["status"], document["ok"]) == (413, 413, False)
    assert post(recording, GOOD.encode().ljust(25_000_000)) == (200, {"ok": True, "written": 1})


def test_a_body_too_large_without_a_length_is_refused(recording: Stack) -> None:
    """In chunks, whose sum nobody knows before the end."""
    with socket.create_connection(
        ("127.0.0.1", recording.port), timeout=TIMEOUT_SECONDS
    ) as connection:
        connection.sendall(
            b"POST /api/readings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"%x\r\n%s\r\n" % (1 << 20, b" " * (1 << 20))
        for _ in range(26):
            connection.sendall(chunk)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        document = json.load(answer)
    assert (answer.status, document["status"], document["ok"]) == (413, 413, False)


def test_a_body_in_chunks_is_taken(recording: Stack) -> None:
    body = iter([b"[", GOOD.encode(), b",", GOOD.encode(), b"]"])
    connection = http.client.HTTPConnection("127.0.0.1", recording.port, timeout=TIMEOUT_SECONDS)
    connection.request("POST", "/api/readings", body, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert json.load(connection.getresponse()) == {"ok": True, "written": 2}
    connection.close()


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [("x" * 5_000, {}, 414), ("", {"X-Long": "x" * 20_000}, 431)],
)
def test_a_request_too_long_to_be_read_is_refused_as_json(
    recording: Stack, query: str, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", recording.port, timeout=TIMEOUT_SECONDS)
    connection.request("GET", f"/api/history?series={query}", headers=headers)
    answer = connection.getresponse()
    document = json.load(answer)
    connection.close()
    assert (answer.status, document["status"], document["ok"]) == (status, status, False)
    assert document["error"]


BROKEN = {
    "its sender goes away": (b"Content-Length: 30\r\n\r\nnear value=1\nfar value=21", "25 of 30"),
    "a large one's does": (b"Content-Length: 70000\r\n\r\nfar value=21", "12 of 70000"),
    "a chunk of no size": (b"Transfer-Encoding: chunked\r\n\r\nzz\r\nfar value=21", "chunks"),
    "a chunk is missing": (b"Transfer-Encoding: chunked\r\n\r\n90\r\nfar value=21", "chunks"),
}


@pytest.mark.parametrize("path", ["/write?db=home", "/api/readings"])
def test_a_part_of_a_body_is_refused(recording: Stack, path: str) -> None:
    """What was sent as `value=21.5` must not be stored as 21 or 2."""
    for case, (rest, reason) in BROKEN.items():
        with socket.create_connection(
            ("127.0.0.1", recording.port), timeout=TIMEOUT_SECONDS
        ) as sender:
            sender.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + rest)
            sender.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(sender)
            answer.begin()
            document = json.load(answer)
        assert answer.status == 400, case
        assert reason in document["error"]
    assert recording.redis.client.exists("readings:journal") == 0


def test_a_strangers_message_too_large_is_set_aside(recording: Stack) -> None:
    client = recording.redis.client
    client.publish("readings", f'[{GOOD},{{"series":"bad","value":1,"x":"{"x" * (1 << 20)}"}}]')
    client.publish("readings", GOOD)
    wait_until("the next is stored", lambda: recording.stored("good") == [1.0])
    ((fields),) = rejected(recording)
    assert fields["reason"].startswith("larger than")
    assert len(fields["m"]) < 10_000


def test_a_large_list_is_one_call_all_or_nothing(recording: Stack) -> None:
    """A journal that would take one half takes neither; with room it takes both at once."""
    client = recording.redis.client
    client.config_set("slowlog-log-slower-than", 0)
    client.config_set("slowlog-max-len", 10_000)
    size = 100_000
    body = json.dumps([{"series": "many", "value": i, "ts": i} for i in range(size)]).encode()
    client.slowlog_reset()
    status, document = post(recording, body)
    assert (status, document) == (200, {"ok": True, "written": size})
    commands = [str(entry["command"]).split()[0] for entry in client.slowlog_get(10_000)]
    calls = [c for c in commands if c in {"EVALSHA", "EVAL", "XADD", "PUBLISH"}]
    # Other scripts are the writer's own: it claims its lease and notes what it has committed.
    appended = client.xlen("readings:journal")
    assert appended == 100
    assert "XADD" not in calls
    wait_until("all are stored", lambda: len(recording.stored("many")) == size)


def test_a_request_that_does_not_fit_leaves_nothing(stack: Stack) -> None:
    stack.start("web", STRIPCHART_JOURNAL_MAX_ENTRIES="3")
    client = stack.redis.client
    lists = {n: json.dumps([{"series": "a", "value": i} for i in range(n)]) for n in (2_000, 4_000)}
    status, _ = post(stack, lists[4_000].encode())
    assert status == 413
    assert client.exists("readings:journal") == 0
    assert post(stack, lists[2_000].encode())[0] == 200
    status, document = post(stack, lists[2_000].encode())
    assert (status, document["ok"]) == (503, False)
    assert client.xlen("readings:journal") == 2
    assert client.hget("readings:state", "r") == "2000"


def test_a_million_items_of_garbage_are_counted(recording: Stack) -> None:
    body = b"[" + b"{}," * 1_000_000 + GOOD.encode() + b"]"
    status, document = post(recording, body)
    assert status == 400
    assert document["error"] == "1000000 of 1000001 readings refused"
    assert document["written"] == 1
    assert len(document["errors"]) == 1_000
    assert document["more_errors"] == 999_000
    wait_until("the good one is stored", lambda: recording.stored("good") == [1.0])


def test_more_series_than_there_may_be(stack: Stack) -> None:
    """The cap holds over a restart, what is refused is told, and known series go on."""
    writer = stack.start("writer", STRIPCHART_MAX_SERIES="50")
    stack.start("web", STRIPCHART_MAX_SERIES="50")
    flood = [{"series": f"flood.{i}", "value": i, "ts": 1_000} for i in range(3_000)]
    assert post(stack, json.dumps([{"series": "kitchen", "value": 1}, *flood]).encode())[0] == 200
    refused = "SELECT count(*) FROM refused"
    wait_until("the rest is refused", lambda: stack.rows(refused) == [(2_951,)])
    assert stack.rows("SELECT count(*) FROM series") == [(50,)]
    assert stack.rows("SELECT count(*) FROM readings") == [(50,)]
    ready = stack.get("/readyz")
    assert ready["ok"] is True
    assert ready["refused"] == 2_951
    wait_until("it is said", lambda: "readings are refused: 2951 more" in writer.log_text())
    writer.kill()
    writer.start()
    assert post(stack, b'[{"series":"kitchen","value":2},{"series":"new","value":1}]')[0] == 200
    wait_until("the known one is stored", lambda: stack.stored("kitchen") == [1.0, 2.0])
    assert stack.rows("SELECT series FROM refused ORDER BY rowid DESC LIMIT 1") == [("new",)]


def test_the_database_serves_on_while_a_large_body_arrives_slowly(recording: Stack) -> None:
    """Somebody who sends byte by byte holds up nobody else."""
    with socket.create_connection(("127.0.0.1", recording.port), timeout=TIMEOUT_SECONDS) as slow:
        slow.sendall(
            b"POST /api/readings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n["
        )
        with time_limit("others are answered", 5.0):
            assert post(recording, GOOD.encode())[0] == 200
            assert post(recording, GOOD.encode().ljust(1_000_000))[0] == 200
            assert recording.get("/api/series") is not None


def test_a_producer_says_how_many_readings_it_loses_when_it_ends(stack: Stack) -> None:
    """Redis is away: what is held is bounded, and told with what had to be dropped before."""
    producer = stack.start(
        "producer", STRIPCHART_PRODUCER_RATE="500", STRIPCHART_PRODUCER_HOLD="50"
    )
    wait_until("it publishes", lambda: stack.redis.client.exists("readings:journal"))
    stack.redis.kill()
    wait_until("it holds back", lambda: "readings held back: " in producer.log_text())
    time.sleep(1.5)  # until more is held than may be
    assert producer.terminate() == 0
    (said,) = re.findall(
        r"are lost: (\d+), and (\d+) had to be dropped before", producer.log_text()
    )
    held, dropped = map(int, said)
    assert held == 50
    assert dropped >= 50


def test_a_producer_that_hangs_on_redis_ends_in_time_and_says_so(stack: Stack) -> None:
    producer = stack.start("producer", STRIPCHART_PRODUCER_RATE="100")
    wait_until("it publishes", lambda: stack.redis.client.exists("readings:journal"))
    redis_process = stack.redis.client.info("server")["process_id"]
    os.kill(redis_process, signal.SIGSTOP)
    try:
        time.sleep(0.5)  # until a call hangs
        with time_limit("the producer ends", 7.0):
            assert producer.terminate() == 0
    finally:
        os.kill(redis_process, signal.SIGCONT)
    assert re.search(r"are lost: [1-9]\d*, and 0 had to be dropped", producer.log_text())
