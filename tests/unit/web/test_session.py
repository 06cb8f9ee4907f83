"""Sessions: no reading is lost, duplicated or out of order, under any interleaving."""

from collections.abc import Callable, Iterator

import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.broker import Announcement, follower
from services.position import Cursor
from services.web.live.recent import MAX_RECENT_READINGS
from tests.support.live_scenarios import LiveScenario
from tests.support.viewers import Viewer


@pytest.fixture(autouse=True, scope="module")
def _small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follower, "PAGE_READINGS", 5)
        yield


STEPS_WITHOUT_ARGUMENT = [
    LiveScenario.break_subscription,
    LiveScenario.catch_up,
    LiveScenario.flush,
    LiveScenario.append_unheard_command,
    LiveScenario.restart_web,
    LiveScenario.clear_cache,
]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just(LiveScenario.publish), st.integers(1, 4)),
        st.tuples(st.just(LiveScenario.deliver), st.integers(1, 5)),
        st.tuples(st.just(LiveScenario.connect), st.integers(0, 100)),
        st.tuples(st.just(LiveScenario.reconnect), st.integers(0, 10)),
        st.tuples(st.sampled_from(STEPS_WITHOUT_ARGUMENT)),
    ),
    max_size=40,
)


@given(steps=STEPS, max_recent_readings=st.sampled_from([MAX_RECENT_READINGS, 3]))
def test_any_interleaving_delivers_every_reading_once_and_in_order(
    steps: list[tuple[Callable[..., None], int]], max_recent_readings: int
) -> None:
    scenario = LiveScenario(max_recent_readings)
    for step, *arguments in steps:
        step(scenario, *arguments)
    scenario.settle()
    for watch in scenario.watches:
        watch.read()
        assert watch.received == scenario.published[watch.first :]
    scenario.close()


@pytest.fixture
def scenario() -> Iterator[LiveScenario]:
    scenario = LiveScenario()
    yield scenario
    scenario.close()


def hub_position(scenario: LiveScenario) -> Cursor:
    position = scenario.broadcaster.hub.position
    assert position is not None
    return position


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"garbage",
        b'{"series":"kitchen","value":21.5}',
        b'{"id":"abc:1-0","readings":[]}',
        b'{"id":"%s:99999999999999999999999999-0","readings":[]}',
        b'{"id":"%s:99999999999999999999-0","readings":[]}',
        b'{"id":"%s:0-1","readings":[]}',
        b'{"id":"%s:1-1","readings":"none"}',
    ],
)
def test_external_message_does_not_disturb_viewers(scenario: LiveScenario, text: bytes) -> None:
    scenario.publish(1)
    scenario.connect(0)
    epoch = hub_position(scenario).epoch.encode()
    scenario.announce(Announcement("readings", text.replace(b"%s", epoch)))
    scenario.publish(1)
    scenario.settle()
    (watch,) = scenario.watches
    watch.read()
    assert watch.received == scenario.published


def test_forged_id_ahead_of_journal_resets_viewers(scenario: LiveScenario) -> None:
    viewer = Viewer()
    scenario.session(viewer).begin(None)
    epoch = hub_position(scenario).epoch.encode()
    forged = b'{"id":"%s:9999999999999-0","readings":[]}' % epoch
    scenario.announce(Announcement("readings", forged))
    scenario.publish(1)
    scenario.settle()
    (reset,) = [document for document in viewer.read() if document["type"] == "reset"]
    assert reset["cursor"] == str(scenario.journal.end().cursor)
    assert hub_position(scenario) == scenario.journal.end().cursor
    viewer.close()


def test_client_ahead_of_hub_waits_until_hub_catches_up(scenario: LiveScenario) -> None:
    scenario.publish(2)
    scenario.connect(1)
    (watch,) = scenario.watches
    for _ in range(20):
        gevent.sleep(0.002)
    assert not watch.greenlet.ready()
    scenario.publish(1)
    scenario.settle()
    watch.read()
    assert watch.received == scenario.published[2:]


def test_cursor_ahead_of_journal_is_reset(scenario: LiveScenario) -> None:
    epoch = hub_position(scenario).epoch
    viewer = Viewer()
    scenario.session(viewer).begin(f"{epoch}:9999999999999-0")
    (reset,) = [document for document in viewer.read() if document["type"] == "reset"]
    assert reset["reason"] == "the cursor is ahead of the journal"
    viewer.close()
