"""How soon readings are sent: at once when it is quiet, 20 times a second when it is busy."""

import pytest

from services.web.live.flush_scheduler import FlushScheduler


class Sending:
    """A hub that sends as the pace lets it, on a clock that the test moves.

    cost: the seconds that one sending takes.
    """

    def __init__(self, cost: float = 0.0) -> None:
        self.now = 100.0
        self.sent: list[float] = []
        self.waited: list[float] = []
        self._cost = cost
        self._pace = FlushScheduler(lambda: self.now)
        self._taken: list[float] = []

    def run(self, rate: int, seconds: float) -> None:
        """Messages come at this rate; each is sent as soon as it may be."""
        end, number, begin = self.now + seconds, 0, self.now
        while self.now < end:
            due = max(self.now + self._pace.wait(), self._taken[0]) if self._taken else end
            coming = begin + number / rate
            if coming <= due:
                self.now = max(self.now, coming)
                self._taken.append(coming)
                self._pace.count += 1
                number += 1
                continue
            self.now = due
            begun = self._pace.begin()
            self.now += self._cost
            self.sent.append(begun)
            self.waited += [begun - taken for taken in self._taken]
            self._taken.clear()
            self._pace.end(begun)


@pytest.mark.parametrize("rate", [1, 20, 100])
def test_every_message_goes_out_at_once_at_a_moderate_pace(rate: int) -> None:
    sending = Sending()
    sending.run(rate, 2.0)
    assert len(sending.sent) >= 2 * rate - 1
    assert max(sending.waited) == 0.0


@pytest.mark.parametrize("rate", [400, 5_000])
def test_messages_wait_for_each_other_when_there_are_many(rate: int) -> None:
    sending = Sending()
    sending.run(rate, 2.0)
    assert len(sending.sent) <= 2 * 20 + 10
    assert max(sending.waited) < 0.0501


def test_it_is_at_once_again_after_a_burst() -> None:
    sending = Sending()
    sending.run(2_000, 0.5)
    sending.run(10, 1.0)
    sending.sent.clear()
    sending.waited.clear()
    sending.run(10, 1.0)
    assert len(sending.sent) >= 9
    assert max(sending.waited) == 0.0


def test_sending_leaves_time_to_all_else() -> None:
    sending = Sending(cost=0.02)
    sending.run(100, 2.0)
    assert 0.02 * len(sending.sent) <= 1.9
    assert max(sending.waited) < 0.0601
