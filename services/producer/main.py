"""The producer's process: runs its sources and publishes what they read."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.broker import Broker, Journal
from services.concurrency import Shutdown
from services.process import run_process
from services.producer.outbox import Outbox
from services.producer.registry import load_sources
from services.producer.source_context import SourceContext
from services.producer.supervised_source import SupervisedSource
from services.settings import Settings

logger = logging.getLogger("producer")

_LOOK_SECONDS: Final = 0.2

_JOIN_SECONDS: Final = 5.5
"""What a call of the publish script may take, and a little more."""

_SOURCE_SECONDS: Final = 0.5
"""How long a source may take to end. One that hangs is left where it is."""


def main(names: Sequence[str] = ()) -> None:
    """Run the producer. Does not return.

    names: the sources, instead of those of the settings.
    """

    def body(settings: Settings, stop: Shutdown) -> None:
        produce(replace(settings, sources=tuple(names) or settings.sources), stop)

    run_process("producer", body)


def produce(settings: Settings, stop: Shutdown) -> None:
    """Publish what the sources read, until asked to stop or all of them have ended."""
    chosen = load_sources(settings)
    broker = Broker.connect(settings)
    outbox = Outbox(Journal(broker), settings.outbox_max_readings)
    # It ends after the sources, so that it sends the last that they put.
    outbox_stop = Shutdown()
    outbox.start(outbox_stop)
    runners = [
        SupervisedSource(run, SourceContext(name, settings, outbox, stop), stop)
        for name, run in chosen
    ]
    logger.info("publishing from %s", ", ".join(name for name, _ in chosen) or "no source")
    for runner in runners:
        runner.start()
    try:
        while not stop.wait(_LOOK_SECONDS):
            if outbox_stop.requested or _is_done(runners, outbox):
                stop.request()
        for runner in runners:
            runner.join(_SOURCE_SECONDS)
        outbox_stop.request()
        outbox.join(_JOIN_SECONDS)
    finally:
        _tell_losses(outbox)
    broker.close()


def _is_done(runners: Sequence[SupervisedSource], outbox: Outbox) -> bool:
    """Whether all that there will ever be is sent.

    Never so without any source: whoever supervises the producer would only start it again.
    """
    return bool(runners) and not any(runner.running for runner in runners) and not len(outbox)


def _tell_losses(outbox: Outbox) -> None:
    held, dropped = len(outbox), outbox.dropped
    if held or dropped:
        logger.warning(
            "readings that were held back are lost: %d, and %d had to be dropped before",
            held,
            dropped,
        )
