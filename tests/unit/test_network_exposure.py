"""A HOST that other machines can reach must be allowed explicitly."""

from dataclasses import replace

import pytest

from services.errors import SettingError
from services.network_exposure import check_network_exposure
from services.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_loopback_is_accepted(settings: Settings, host: str) -> None:
    check_network_exposure(replace(settings, host=host, open_network=False))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "box.local", ""])
def test_other_host_must_be_allowed(settings: Settings, host: str) -> None:
    exposed = replace(settings, host=host, open_network=False)
    with pytest.raises(SettingError, match="there is no login") as caught:
        check_network_exposure(exposed)
    assert "STRIPCHART_OPEN_NETWORK=yes" in caught.value.hint
    check_network_exposure(replace(exposed, open_network=True))


def test_other_host_is_accepted_with_a_login(settings: Settings) -> None:
    exposed = replace(settings, host="0.0.0.0", open_network=False)
    check_network_exposure(exposed, lambda: True)
    with pytest.raises(SettingError):
        check_network_exposure(exposed, lambda: False)
