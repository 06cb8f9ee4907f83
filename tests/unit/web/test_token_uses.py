"""Records of when tokens were last used."""

import gevent
import pytest

from services.access import hash_secret
from services.access_command import RecordTokenUse
from services.errors import BrokerUnavailableError
from services.store import StoredToken
from services.web.access.token_uses import TokenUses

NOW = 1_700_000_000_000_000
MINUTE = 60_000_000
TOKEN = StoredToken("telegraf", "write", hash_secret("t"), None, 1, None, None)


@pytest.mark.parametrize("used_at", [None, NOW - 10 * MINUTE])
def test_use_is_recorded_once_in_ten_minutes(used_at: int | None) -> None:
    sent: list[RecordTokenUse] = []
    uses = TokenUses(sent.append)
    token = TOKEN._replace(used_at=used_at)
    for now in (NOW, NOW + 1, NOW + 10 * MINUTE - 1, NOW + 10 * MINUTE):
        uses.note(token, now)
        gevent.sleep(0)
    assert sent == [
        RecordTokenUse("telegraf", NOW),
        RecordTokenUse("telegraf", NOW + 10 * MINUTE),
    ]


def test_use_that_another_process_has_recorded_is_not_recorded_again() -> None:
    sent: list[RecordTokenUse] = []
    TokenUses(sent.append).note(TOKEN._replace(used_at=NOW), NOW + MINUTE)
    gevent.sleep(0)
    assert sent == []


def test_use_is_lost_without_redis(capfd: pytest.CaptureFixture[str]) -> None:
    def send(_command: RecordTokenUse) -> None:
        raise BrokerUnavailableError("Redis does not answer")

    uses = TokenUses(send)
    uses.note(TOKEN, NOW)
    gevent.sleep(0)
    # A greenlet that fails writes a traceback.
    assert capfd.readouterr().err == ""
