"""The feeder of `stripchart demo`, with the stand-in for Redis."""

import fakeredis
import pytest

from services.broker import Broker, Journal
from services.cli.demo_data.demo import Demo
from services.cli.demo_data.feeder import DemoFeeder
from services.cli.demo_data.presentation import Presentation, view
from services.cli.demo_data.signals import Cadence, SampledSignal
from services.cli.supervise.fake_server import new_fake_server
from services.command import Command, PutView, SetSettings
from services.formats.commands import decode_command
from services.formats.views import PanelSpec
from services.position import JOURNAL_START
from services.reading import MICROSECONDS
from services.settings import Settings
from tests.support.journals import readings_in, times

pytestmark = pytest.mark.redis

BEGUN_SECONDS = 1_795_800_000
VIEW = view("Test", PanelSpec(series=["a"]), window="1m")
DEMO = Demo(
    name="test",
    signals=[
        SampledSignal(name="a", sample=lambda seconds: seconds % 10, cadences=[Cadence(1.0, 60.0)])
    ],
    history_seconds=60.0,
    slice_seconds=25.0,
    tick_seconds=0.01,
    summary="a test",
    hints=["look at a"],
    presentation=Presentation(settings={"a": {"label": "A"}}, views={"test": VIEW}),
)


class SetClock:
    """A clock that a test sets.

    Attributes:
        seconds: Its time in seconds since 1970.
    """

    def __init__(self) -> None:
        self.seconds = float(BEGUN_SECONDS)

    def __call__(self) -> int:
        return round(self.seconds * MICROSECONDS)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def server() -> fakeredis.FakeServer:
    return new_fake_server()


@pytest.fixture
def journal(server: fakeredis.FakeServer, settings: Settings) -> Journal:
    return Journal(Broker(fakeredis.FakeRedis(server=server), settings))


def filled(feeder: DemoFeeder, journal: Journal) -> list[str]:
    """Let a feeder fill the history, and return its lines."""
    while True:
        seconds, lines = feeder.step(journal)
        if seconds == DEMO.tick_seconds:
            return lines
        assert seconds == 0


def test_history_is_filled_in_slices_and_then_described(journal: Journal, clock: SetClock) -> None:
    feeder = DemoFeeder(DEMO, clock=clock)
    assert filled(feeder, journal) == [
        "the data is there: a test",
        "the view Test: v/test",
        "look at a",
    ]
    assert times(journal) == list(range(BEGUN_SECONDS - 60, BEGUN_SECONDS))


def commands_in(journal: Journal) -> list[Command]:
    """Return all commands in the journal, in its order."""
    entries = journal.read(JOURNAL_START, 1_000).entries
    return [decode_command(entry.text) for entry in entries if entry.kind == "c"]


def test_settings_and_views_follow_the_history_once(journal: Journal, clock: SetClock) -> None:
    feeder = DemoFeeder(DEMO, clock=clock)
    filled(feeder, journal)
    clock.seconds += 5
    feeder.step(journal)
    assert commands_in(journal) == [
        SetSettings("a", {"label": "A"}),
        PutView("test", 0, VIEW.encode().decode()),
    ]


def test_next_start_keeps_what_people_have_changed(journal: Journal, clock: SetClock) -> None:
    feeder = DemoFeeder(DEMO, is_presented=True, clock=clock)
    assert "the view Test: v/test" in filled(feeder, journal)
    assert commands_in(journal) == []


def test_live_readings_continue_the_history(journal: Journal, clock: SetClock) -> None:
    feeder = DemoFeeder(DEMO, clock=clock)
    filled(feeder, journal)
    for seconds in (0.4, 1.1, 2.6):
        clock.seconds = BEGUN_SECONDS + seconds
        assert feeder.step(journal) == (0.01, [])
    assert times(journal) == list(range(BEGUN_SECONDS - 60, BEGUN_SECONDS + 3))


def test_next_start_continues_after_the_newest_reading(journal: Journal, clock: SetClock) -> None:
    feeder = DemoFeeder(DEMO, (BEGUN_SECONDS - 10) * MICROSECONDS, clock=clock)
    filled(feeder, journal)
    assert times(journal) == list(range(BEGUN_SECONDS - 9, BEGUN_SECONDS))


def test_start_after_long_time_does_not_fill_more_than_the_history(
    journal: Journal, clock: SetClock
) -> None:
    feeder = DemoFeeder(DEMO, 1, clock=clock)
    filled(feeder, journal)
    assert len(readings_in(journal)) == 60


def test_unavailable_redis_delays_readings_and_loses_none(
    journal: Journal, server: fakeredis.FakeServer, clock: SetClock
) -> None:
    feeder = DemoFeeder(DEMO, clock=clock)
    filled(feeder, journal)
    server.connected = False
    clock.seconds = BEGUN_SECONDS + 5
    assert feeder.step(journal) == (1.0, [])
    server.connected = True
    clock.seconds = BEGUN_SECONDS + 7
    feeder.step(journal)
    assert times(journal) == list(range(BEGUN_SECONDS - 60, BEGUN_SECONDS + 7))
