"""A clock that only moves when a test moves it."""


class FakeClock:
    """A clock to pass where a program takes `time.monotonic`, `time.time` or the like.

    Attributes:
        now: The time that a call returns. Tests set or increase it.
    """

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
