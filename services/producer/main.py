"""The producer's process: samples its series at a steady pace and publishes what it reads."""

import logging
import math
import random
import threading
import time
from collections.abc import Sequence
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
    sending = threading.Thread(target=outbox.run, args=[stop], name="outbox", daemon=True)
    sending.start()
    sample(series, rate, outbox, stop)
    sending.join(_JOIN_SECONDS)
    if sending.is_alive() or not outbox.flush():
        logger.warning("readings that were held back are lost: %d", len(outbox))
    broker.close()


def sample(series: Sequence[tuple[str, Sampler]], rate: float, outbox: Outbox, stop: Stop) -> None:
    """Put readings of each series into the outbox, `rate` a second, until asked to stop."""
    per_tick = max(1, math.ceil(rate * _SHORTEST_TICK))
    tick, spacing = per_tick / rate, MICROSECONDS / rate
    due = time.monotonic()
    while not stop.wait(due - time.monotonic()):
        # A machine that was asleep goes on from now, and does not make up for what it missed.
        due = max(due, time.monotonic() - tick)
        # Stamped with when it was due: a late tick must not run into the times of the next.
        now = microseconds() - round((time.monotonic() - due) * MICROSECONDS)
        times = [round(now - spacing * back) for back in reversed(range(per_tick))]
        outbox.put([Reading(name, ts, sampler(ts)) for ts in times for name, sampler in series])
        due += tick
