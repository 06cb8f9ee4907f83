"""An outage is said once when it begins and once when it is over."""

import logging
from collections.abc import Iterator

import pytest

from services.log import Outage, configure

logger = logging.getLogger("tests.log")


class Clock:
    """Seconds, as they are set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outage(clock: Clock, caplog: pytest.LogCaptureFixture) -> Outage:
    caplog.set_level(logging.INFO)
    return Outage(logger, "the lamp is out", clock)


@pytest.fixture
def restored_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_outage_is_said_once(
    outage: Outage, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    outage.begin("no power")
    clock.now += 1.0
    outage.begin("still no power")
    clock.now += 1.5
    outage.end("3 visitors stumbled")
    outage.end()
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("WARNING", "the lamp is out: no power"),
        ("INFO", "the lamp is out is over after 2.5 s, 3 visitors stumbled"),
    ]


def test_what_never_began_is_not_said_to_be_over(
    outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    outage.end()
    assert caplog.records == []


def test_it_tells_whether_it_is_on(outage: Outage) -> None:
    states = [outage.on]
    outage.begin("no power")
    states.append(outage.on)
    outage.end()
    states.append(outage.on)
    assert states == [False, True, False]


def test_each_outage_is_news(
    outage: Outage, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for seconds in (1.0, 2.0):
        outage.begin("no power")
        clock.now += seconds
        outage.end()
    messages = [r.message for r in caplog.records]
    assert messages[1::2] == [
        "the lamp is out is over after 1.0 s",
        "the lamp is out is over after 2.0 s",
    ]


@pytest.mark.usefixtures("restored_root")
def test_the_log_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    logging.getLogger("writer").info("hello")
    logging.getLogger("writer").debug("unheard")
    logging.getLogger("alembic.runtime").info("unheard")
    out, err = capsys.readouterr()
    assert out.endswith("Z INFO writer: hello\n")
    assert out.count("\n") == 1
    assert err == ""
