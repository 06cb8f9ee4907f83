"""A clock that only moves when a test moves it."""

from typing import Any


class FakeClock:
    """A clock to pass where a program takes `time.monotonic`, `time.time` or the like.

    Attributes:
        now: The time that a call returns, in the unit of the real clock. Tests set or increase it.
    """

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> Any:
        """Return the time: an int if `now` is an int. Typed as Any, since clocks are of both."""
        return self.now
