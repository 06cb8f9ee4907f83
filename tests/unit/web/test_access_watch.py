"""The watch over live viewers' access."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import gevent
import pytest

from services.allowed_series import AllowedSeries
from services.errors import StoreUnavailableError
from services.web.access.principal import Principal
from services.web.live.access_watch import AccessWatch
from services.web.live.frames import Transport
from tests.support.viewers import Viewer

ANNA = Principal("user", "anna", "view", None, "a")
BEN = Principal("token", "ben", "view", None, "b")


@dataclass
class Rights:
    """People who have access now."""

    revoked: set[Principal] = field(default_factory=set)
    changed: dict[Principal, Principal] = field(default_factory=dict)
    asked: list[Principal] = field(default_factory=list)
    fails: bool = False

    def find_again(self, principal: Principal) -> Principal | None:
        self.asked.append(principal)
        if self.fails:
            raise StoreUnavailableError("the database is locked")
        return None if principal in self.revoked else self.changed.get(principal, principal)


@pytest.fixture
def rights() -> Rights:
    return Rights()


@pytest.fixture
def watch(rights: Rights) -> AccessWatch:
    return AccessWatch(rights.find_again)


@pytest.fixture(params=["websocket", "sse"])
def viewers(request: pytest.FixtureRequest) -> Iterator[tuple[Viewer, Viewer]]:
    transport: Transport = request.param
    viewers = Viewer(transport), Viewer(transport)
    yield viewers
    for viewer in viewers:
        viewer.close()


def read_code(viewer: Viewer) -> int:
    """Return the code with which a viewer is closed."""
    while not viewer.close_codes and not viewer.documents:
        gevent.sleep(0)
        viewer.read()
    return viewer.close_codes[0] if viewer.close_codes else viewer.documents[0]["code"]


def test_revoked_viewer_is_closed_and_the_others_are_not(
    watch: AccessWatch, rights: Rights, viewers: tuple[Viewer, Viewer]
) -> None:
    for viewer, principal in zip(viewers, (ANNA, BEN), strict=True):
        watch.add(viewer.queue, principal)
    watch.close_revoked()
    assert [viewer.queue.closed for viewer in viewers] == [False, False]
    rights.revoked.add(ANNA)
    watch.close_revoked()
    assert [viewer.queue.closed for viewer in viewers] == [True, False]
    assert read_code(viewers[0]) == 4401


def test_viewer_of_other_series_must_connect_again(
    watch: AccessWatch, rights: Rights, viewers: tuple[Viewer, Viewer]
) -> None:
    one, other = (AllowedSeries.of_names([name]) for name in ("kitchen", "cellar"))
    home = Principal("share", "1", "view", one, "a", view="home")
    plain = Principal("share", "2", "view", one, "b")
    for viewer, principal in zip(viewers, (home, plain), strict=True):
        watch.add(viewer.queue, principal)
    # Neither another role nor equal series change what a viewer may see.
    rights.changed = {
        home: home._replace(series=AllowedSeries.of_names(["kitchen"])),
        plain: plain._replace(role="write"),
    }
    watch.close_revoked()
    assert [viewer.queue.closed for viewer in viewers] == [False, False]
    rights.changed = {home: home._replace(series=other)}
    watch.close_revoked()
    assert [viewer.queue.closed for viewer in viewers] == [True, False]
    assert read_code(viewers[0]) == 1013


def test_each_principal_is_looked_up_once(
    watch: AccessWatch, rights: Rights, viewers: tuple[Viewer, Viewer]
) -> None:
    for viewer in viewers:
        watch.add(viewer.queue, ANNA)
    watch.close_revoked()
    assert rights.asked == [ANNA]
    for viewer in viewers:
        watch.remove(viewer.queue)
    watch.close_revoked()
    assert rights.asked == [ANNA]


def test_unreadable_database_closes_nobody(
    watch: AccessWatch, rights: Rights, viewers: tuple[Viewer, Viewer]
) -> None:
    watch.add(viewers[0].queue, ANNA)
    rights.fails = True
    watch.close_revoked()
    assert not viewers[0].queue.closed
