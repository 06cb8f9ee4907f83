"""Losses that follow each other are one gap, which is recorded once it is over."""

import pytest

from services.position import Gap
from services.writer.channel_listener import ReceivedMessage, ReceiveQueue
from services.writer.channel_losses import NOT_HEARD, OVERFLOWED, ChannelLosses
from tests.support.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def losses(clock: FakeClock) -> ChannelLosses:
    return ChannelLosses(clock)


def test_losses_of_one_kind_are_one_gap_of_unknown_size(
    losses: ChannelLosses, clock: FakeClock
) -> None:
    losses.add(10, 20, NOT_HEARD)
    clock.now += 1.0
    losses.add(15, 40, NOT_HEARD)
    losses.add(30, 30, OVERFLOWED)
    assert losses.take() == []
    clock.now += 2.0
    assert losses.take() == [
        Gap(10, 40, None, NOT_HEARD, is_outage=True),
        Gap(30, 30, None, OVERFLOWED, is_outage=True),
    ]
    assert losses.take() == []


def test_loss_that_goes_on_is_recorded_each_minute(losses: ChannelLosses, clock: FakeClock) -> None:
    gaps: list[Gap] = []
    for second in range(150):
        losses.add(second, second, OVERFLOWED)
        gaps += losses.take()
        clock.now += 1.0
    assert [(gap.start, gap.end) for gap in gaps] == [(0, 60), (61, 121)]


def test_shutdown_takes_what_is_not_over(losses: ChannelLosses) -> None:
    losses.add(1, 2, NOT_HEARD)
    assert losses.take(unfinished=True) == [Gap(1, 2, None, NOT_HEARD, is_outage=True)]


def test_gap_that_was_not_recorded_is_taken_again(losses: ChannelLosses) -> None:
    losses.add(1, 2, NOT_HEARD)
    with pytest.raises(ZeroDivisionError), losses.taken(unfinished=True):
        raise ZeroDivisionError
    losses.add(3, 4, NOT_HEARD)
    assert losses.take(unfinished=True) == [Gap(1, 4, None, NOT_HEARD, is_outage=True)]


def received(text: bytes) -> ReceivedMessage:
    return ReceivedMessage(text, 0)


def test_queue_is_bounded_in_messages() -> None:
    queue = ReceiveQueue(max_messages=2)
    assert [queue.put(received(b"a")) for _ in range(3)] == [True, True, False]
    queue.remove_oldest()
    assert queue.put(received(b"a"))


def test_queue_is_bounded_in_bytes() -> None:
    queue = ReceiveQueue(max_bytes=10)
    assert queue.put(received(b"12345678"))
    assert not queue.put(received(b"123"))
    assert queue.put(received(b"12"))
    queue.clear()
    assert queue.put(received(b"1234567890"))


def test_wait_ends_at_once_with_a_message_or_a_wake() -> None:
    queue = ReceiveQueue()
    queue.wake()
    queue.wait(3_600.0)
    queue.put(received(b"a"))
    queue.wait(3_600.0)
    assert queue.oldest().text == b"a"
