"""Frames with hostile names: one document in each."""

import json

import pytest

from services.position import Cursor, EntryId
from services.web.live import frames
from services.web.live.frames import Frame
from services.web.live.notice import Notice
from tests.support.live_frames import TEXT, parse_events, parse_websocket

CURSOR = Cursor("a", EntryId(1, 0))


@pytest.mark.parametrize(
    "name",
    [
        "a\nb",
        "a\r\ndata: {}\r\n\r\nid: 1",
        'a\n\nevent: message\ndata: {"type":"reset"}',
        "\u2028\u2029\x85",
        "\x00\x1b[2J",
        "</script><img src=x onerror=alert(1)>",
        '"},{"type":"reset"',
        "\u202eknip\u202c",
        "..",
        "%2F",
        "*",
        "a" * 1_024,
        "\U0001f4a9" * 1_024,
    ],
)
def test_hostile_name_stays_inside_its_document(name: str) -> None:
    documents: list[Frame] = [
        frames.hello(CURSOR, 1.0, {name: 1}),
        frames.series({name: 1}),
        frames.notice(CURSOR, Notice("changed", [name])),
    ]
    for frame in documents:
        events, rest = parse_events(frame.event)
        assert rest == b""
        (fields,) = events
        assert set(fields) <= {"id", "data"}
        assert b"\r" not in frame.event
        assert fields.get("id") in {None, str(CURSOR)}
        ((first_byte, payload),), rest = parse_websocket(frame.websocket_message)
        assert (first_byte, rest) == (TEXT, b"")
        document = json.loads(payload)
        assert document == json.loads(fields["data"])
        assert name in document["series"]
