"""The producer's process: samples its series at a steady pace and publishes what it reads."""

import logging
import math
import random
import time
from collections.abc import Callable, Sequence
from typing import Final

from services import lifecycle
from services.broker import Broker, Journal
from services.clock import microseconds
from services.lifecycle import Stop
from services.producer.outbox import Outbox
from services.producer.sources.wave import Sampler, samplers
from services.reading import MICROSECONDS, Reading
from services.settings import Settings

logger = logging.getLogger("producer")

_SHORTEST_TICK: Final = 0.02
"""Seconds. At higher rates a tick takes several samples."""

_JOIN_SECONDS: Final = 5.5
"""What a call of the publish script may take, and a little more."""


def main() -> None:
    """Run the producer. Does not return."""
    lifecycle.run("producer", produce)


def produce(settings: Settings, stop: Stop) -> None:
    """Sample and publish until asked to stop."""
    shape, rate = settings.producer_shape, settings.producer_rate
    series = list(samplers(shape, settings.producer_series, random.Random()))
    logger.info("publishing %s: %d series, %g readings a second each", shape, len(series), rate)
    broker = Broker.connect(settings)
    outbox = Outbox(Journal(broker), settings.producer_hold)
    outbox.start(stop)
    try:
        sample(series, rate, outbox, stop)
        outbox.join(_JOIN_SECONDS)
    finally:
        _tell_losses(outbox)
    broker.close()


def _tell_losses(outbox: Outbox) -> None:
    held, dropped = len(outbox), outbox.dropped
    if held or dropped:
        logger.warning(
            "readings that were held back are lost: %d, and %d had to be dropped before",
            held,
            dropped,
        )


def sample(
    series: Sequence[tuple[str, Sampler]],
    rate: float,
    outbox: Outbox,
    stop: Stop,
    clock: Callable[[], int] = microseconds,
) -> None:
    """Put readings of each series into the outbox, `rate` a second, until asked to stop.

    clock: microseconds since 1970.
    """
    per_tick = max(1, math.ceil(rate * _SHORTEST_TICK))
    tick, spacing = per_tick / rate, MICROSECONDS / rate
    due = time.monotonic()
    shift = last = 0.0
    while not stop.wait(due - time.monotonic()):
        # A machine that was asleep goes on from now, and does not make up for what it missed.
        due = max(due, time.monotonic() - tick)
        # Stamped with when it was due: a late tick must not run into the times of the next.
        now = clock() - (time.monotonic() - due) * MICROSECONDS
        if now + shift - spacing * (per_tick - 1) <= last:
            # The clock was set back. The times that were given out already are not given again.
            shift = random.uniform(0.2, 0.8) * spacing
        last = now + shift
        times = [round(last - spacing * back) for back in reversed(range(per_tick))]
        outbox.put([Reading(name, ts, sampler(ts)) for ts in times for name, sampler in series])
        due += tick
