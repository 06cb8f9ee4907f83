"""Invalid items on every way in: each is refused alone with its reason, the others are stored."""

import json
from typing import Any

import pytest
import redis

from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.long]

GOOD = '{"series":"good","value":1}'

# One invalid item each, and what its reason must contain. tests/unit/formats/test_json.py has all
# rules; these are one of a value, one of a time, and one that is no object.
BAD = {
    '{"series":"bad","value":1e400}': "finite",
    '{"series":"bad","value":1,"ts":1763793660123}': "is it in seconds?",
    "17": "must be an object",
}

# The same time, 0.5 s after 1763793660, as people and programs write it.
MOMENTS = [
    "1763793660.5",
    "1763793660.500000000",
    '"2025-11-22T06:41:00.5Z"',
    '"2025-11-22T06:41:00.500"',
    '"2025-11-22 06:41:00.500000+00:00"',
    '"2025-11-22T07:41:00.5+01:00"',
    '"20251122T064100.5Z"',
]


def dead_letters(stack: Stack) -> list[dict[str, str]]:
    """Return the fields of all dead letters, with replacements for invalid UTF-8."""
    client: Any = redis.Redis(
        port=stack.redis.port, decode_responses=True, encoding_errors="replace", protocol=2
    )
    with client:
        return [fields for _id, fields in client.xrange("readings:rejected")]


def test_http_refuses_each_invalid_item_alone(running_stack: Stack) -> None:
    items = [part for item in BAD for part in (item, GOOD)]
    status, document = running_stack.write(f"[{','.join(items)}]".encode())
    assert status == 400
    assert document["written"] == len(BAD)
    assert [error["index"] for error in document["errors"]] == list(range(0, len(items), 2))
    for error, (item, reason) in zip(document["errors"], BAD.items(), strict=True):
        assert reason in error["error"], item[:80]
    wait_until("the valid items are stored", lambda: len(running_stack.stored("good")) == len(BAD))
    assert running_stack.rows("SELECT name FROM series") == [("good",)]


def test_channel_refuses_each_invalid_item_alone(running_stack: Stack) -> None:
    client = running_stack.redis.client
    for item in BAD:
        client.publish("readings", f"[{item},{GOOD}]")
    wait_until("the valid items are stored", lambda: len(running_stack.stored("good")) == len(BAD))
    wait_until("all dead letters are there", lambda: client.xlen("readings:rejected") == len(BAD))
    for fields, (item, reason) in zip(dead_letters(running_stack), BAD.items(), strict=True):
        assert item[:1_000] in fields["m"]
        assert reason in fields["reason"]
        assert fields["source"] == "channel"
    assert running_stack.rows("SELECT name FROM series") == [("good",)]


def test_journal_refuses_each_invalid_item_alone(running_stack: Stack) -> None:
    """Entries that another program appended. Their times are not compared with the clock."""
    client = running_stack.redis.client
    good = '{"series":"good","value":1,"ts":%d}'
    for number, item in enumerate(BAD):
        client.xadd("readings:journal", {"m": f'{{"readings":[{item},{good % number}]}}'})
    client.xadd("readings:journal", {"m": b"\xff\xfe"})
    client.xadd("readings:journal", {"m": "[" * 100_000})
    client.xadd("readings:journal", {"x": "no message at all"})
    client.xadd("readings:journal", {"m": '{"readings":[%s]}' % (good % 999)})
    wait_until(
        "the valid items are stored", lambda: len(running_stack.stored("good")) == len(BAD) + 1
    )
    wait_until(
        "all dead letters are there", lambda: client.xlen("readings:rejected") == len(BAD) + 3
    )
    reasons = [fields["reason"] for fields in dead_letters(running_stack)]
    for actual, reason in zip(reasons, BAD.values(), strict=False):
        assert reason in actual
    assert [reason[:16] for reason in reasons[-3:]] == [
        "not UTF-8",
        "nested too deepl",
        "not a message th",
    ]
    assert running_stack.rows("SELECT name FROM series") == [("good",)]
    assert running_stack.rows("SELECT * FROM gaps") == []


def test_unusual_but_valid_readings_are_stored(running_stack: Stack) -> None:
    for number, moment in enumerate(MOMENTS):
        status, _ = running_stack.write(f'{{"series":"{number}","value":1,"ts":{moment}}}'.encode())
        assert status == 200, moment
    repeated_keys = b'{"series":"x","series":"last counts","value":1,"value":2}'
    assert running_stack.write(repeated_keys)[0] == 200
    unknown_keys = b'{"1":2,"":[],"series":"unknown keys","value":-0.0,"\\u0000":{"a":[1]}}'
    assert running_stack.write(unknown_keys)[0] == 200
    largest = b'{"series":"' + b"\xf0\x9f\x98\x80" * 1_024 + b'","value":1.7976931348623157e308}'
    assert running_stack.write(largest)[0] == 200
    wait_until(
        "all are stored",
        lambda: running_stack.rows("SELECT count(*) FROM readings") == [(len(MOMENTS) + 3,)],
    )
    times = running_stack.rows(
        "SELECT DISTINCT ts FROM readings JOIN series ON id = series_id WHERE length(name) = 1"
    )
    assert times == [(1_763_793_660_500_000,)]
    assert running_stack.stored("last counts") == [2.0]


def test_too_large_external_message_becomes_dead_letter(running_stack: Stack) -> None:
    client = running_stack.redis.client
    client.publish("readings", f'[{GOOD},{{"series":"bad","value":1,"x":"{"x" * (1 << 20)}"}}]')
    client.publish("readings", GOOD)
    wait_until("the next is stored", lambda: running_stack.stored("good") == [1.0])
    ((fields),) = dead_letters(running_stack)
    assert fields["reason"].startswith("larger than")
    assert len(fields["m"]) < 10_000


def test_million_invalid_items_are_counted(running_stack: Stack) -> None:
    body = b"[" + b"{}," * 1_000_000 + GOOD.encode() + b"]"
    status, document = running_stack.write(body)
    assert status == 400
    assert document["error"] == "1000000 of 1000001 readings refused"
    assert document["written"] == 1
    assert len(document["errors"]) == 1_000
    assert document["more_errors"] == 999_000
    wait_until("the good one is stored", lambda: running_stack.stored("good") == [1.0])


def test_readings_of_too_many_series_are_refused(stack: Stack) -> None:
    """The limit holds after a restart, refusals are reported, and known series are stored."""
    writer = stack.start("writer", STRIPCHART_MAX_SERIES="50")
    stack.start("web", STRIPCHART_MAX_SERIES="50")
    flood = [{"series": f"flood.{i}", "value": i, "ts": 1_000} for i in range(3_000)]
    assert stack.write(json.dumps([{"series": "kitchen", "value": 1}, *flood]).encode())[0] == 200
    refused = "SELECT count(*) FROM refused"
    wait_until("the others are refused", lambda: stack.rows(refused) == [(2_951,)])
    assert stack.rows("SELECT count(*) FROM series") == [(50,)]
    assert stack.rows("SELECT count(*) FROM readings") == [(50,)]
    ready = stack.get("/readyz")
    assert ready["ok"] is True
    assert ready["refused"] == 2_951
    wait_until(
        "the refusals are logged", lambda: "readings refused: 2951 more" in writer.log_text()
    )
    writer.kill()
    writer.start()
    assert stack.write(b'[{"series":"kitchen","value":2},{"series":"new","value":1}]')[0] == 200
    wait_until("the known series is stored", lambda: stack.stored("kitchen") == [1.0, 2.0])
    assert stack.rows("SELECT series FROM refused ORDER BY rowid DESC LIMIT 1") == [("new",)]
