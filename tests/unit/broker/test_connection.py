"""The connection to Redis."""

from dataclasses import replace

import pytest

from services.broker import Broker
from services.errors import SettingError
from services.settings import Settings


@pytest.mark.parametrize(
    "url", ["mail://:hunter2@box", "redis://:hunter2/x@box/0", "redis://box?socket_timeout=hunter2"]
)
def test_unusable_address_is_an_error_that_does_not_quote_it(settings: Settings, url: str) -> None:
    with pytest.raises(SettingError, match="REDIS_URL can't be used") as refused:
        Broker.connect(replace(settings, redis_url=url))
    assert "hunter2" not in str(refused.value)
