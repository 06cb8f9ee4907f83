"""The relay: which commands it tells to those who decide about access."""

import pytest

from services.access_command import RecordTokenUse, RevokeToken
from services.command import Command, DeleteView, PutView, SetUnit
from services.position import Cursor
from services.share_command import RevokeShare
from services.web.live.hub import Hub
from services.web.live.recent import MAX_RECENT_READINGS
from services.web.live.relay import Relay
from tests.support.live_stream import LiveStream


@pytest.mark.parametrize(
    ("command", "is_told"),
    [
        (RevokeToken("telegraf"), True),
        (RevokeShare("0a1b2c3d"), True),
        # Views may be shared.
        (PutView("home", 0, "{}"), True),
        (DeleteView("home", None), True),
        (RecordTokenUse("telegraf", 1), False),
        (SetUnit("kitchen", "K"), False),
    ],
)
def test_command_that_may_change_access_is_told(command: Command, is_told: bool) -> None:
    stream = LiveStream(MAX_RECENT_READINGS)
    told: list[Cursor] = []
    hub = Hub(MAX_RECENT_READINGS)
    relay = Relay(stream.broker, stream.journal, hub, lambda: None, told.append)
    for event in relay.follower.catch_up():
        relay.apply(event)
    cursor = stream.send_command(command)
    for event in relay.follower.catch_up():
        relay.apply(event)
    assert list(map(str, told)) == ([cursor] if is_told else [])
    stream.close()
