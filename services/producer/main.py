"""The producer process: runs its sources and publishes their readings."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.broker import Broker, Journal
from services.broker.reporter import Reporter
from services.concurrency import ServiceThread, Shutdown
from services.process import run_process
from services.producer.outbox import Outbox
from services.producer.registry import load_sources
from services.producer.source_context import SourceContext
from services.producer.supervised_source import SupervisedSource
from services.settings import Settings

logger = logging.getLogger("producer")

_POLL_SECONDS: Final = 0.2

_OUTBOX_JOIN_SECONDS: Final = 5.5
"""The longest call of the publish script, and a little more."""

_SOURCE_JOIN_SECONDS: Final = 0.5
"""Time that a source has to end. A source that hangs is abandoned."""


def main(names: Sequence[str] = ()) -> None:
    """Run the producer. Does not return.

    Args:
        names: The sources to run instead of those in the settings.
    """

    def body(settings: Settings, shutdown: Shutdown) -> None:
        produce(replace(settings, sources=tuple(names) or settings.sources), shutdown)

    run_process("producer", body)


def produce(settings: Settings, shutdown: Shutdown) -> None:
    """Publish the readings of all sources until the shutdown, or until every source has ended.

    Args:
        settings: Name the sources.
        shutdown: Ends the sources first, then the outbox.

    Raises:
        SettingError: A source can't be loaded, or can't use its settings.
    """
    loaded = load_sources(settings)
    broker = Broker.connect(settings)
    outbox = Outbox(Journal(broker), settings.outbox_max_readings)
    # The outbox ends after the sources, so that it sends their last readings.
    outbox_shutdown = Shutdown()
    outbox.start(outbox_shutdown)
    reporter = Reporter(broker, "producer", outbox.samples)
    ServiceThread("reporter", reporter.run, shutdown).start()
    contexts = [SourceContext(name, settings, outbox, shutdown) for name, _ in loaded]
    sources = [
        SupervisedSource(run, context, shutdown)
        for (_, run), context in zip(loaded, contexts, strict=True)
    ]
    logger.info("publishing from %s", ", ".join(name for name, _ in loaded) or "no source")
    for source in sources:
        source.start()
    try:
        while not shutdown.wait(_POLL_SECONDS):
            if outbox_shutdown.requested or _all_sent(sources, outbox):
                shutdown.request()
        for source in sources:
            source.join(_SOURCE_JOIN_SECONDS)
        outbox_shutdown.request()
        outbox.join(_OUTBOX_JOIN_SECONDS)
    finally:
        for context in contexts:
            context.left_out.flush()
        _log_losses(outbox)
    broker.close()


def _all_sent(sources: Sequence[SupervisedSource], outbox: Outbox) -> bool:
    """Return True if every source has ended and all their readings are sent.

    Never true without sources, or the supervisor would restart the producer in a loop.
    """
    return bool(sources) and not any(source.running for source in sources) and not len(outbox)


def _log_losses(outbox: Outbox) -> None:
    held, dropped = len(outbox), outbox.dropped
    if held or dropped:
        logger.warning(
            "readings lost: %d were still held back at the end, %d were dropped before",
            held,
            dropped,
        )
