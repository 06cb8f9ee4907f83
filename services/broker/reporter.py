"""The reporter of a process: shares its samples with the other processes every two seconds."""

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from services import __version__, log
from services.broker.connection import Broker
from services.broker.process_reports import ProcessReports
from services.concurrency import Shutdown, Ticker
from services.errors import BrokerRefusedError, BrokerUnavailableError, JournalFullError
from services.log import FaultLog
from services.metric import Distribution, Sample
from services.metric_table import (
    LOG_MESSAGES,
    PROCESS_CPU,
    PROCESS_FILES,
    PROCESS_MEMORY,
    PROCESS_START,
)
from services.process_report import RateMeter, encode_report

REPORT_SECONDS: Final = 2.0
_STATM: Final = Path("/proc/self/statm")
_FILES: Final = Path("/proc/self/fd")

Collect = Callable[[], Iterable[Sample]]
"""Function that makes the samples of a process."""


class Reporter:
    """Reports what a process counts. Make it in the process itself, not before a fork.

    Args:
        broker: The Redis that keeps the reports.
        process: The kind of process, which is also the name of its log.
        collect: Makes the samples of this process.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self,
        broker: Broker,
        process: str,
        collect: Collect,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reports = ProcessReports(broker)
        self._process = process
        self._collect = collect
        self._monotonic = monotonic
        self._token = secrets.token_hex(8)
        self._started_at = time.time()
        self._ticker = Ticker(REPORT_SECONDS, monotonic)
        self._meter = RateMeter()
        self._ended = False
        self._refused = FaultLog(
            logging.getLogger(process), "metrics not shared", "metrics shared again"
        )

    def report(self) -> None:
        """Report now. A Redis that can't be used is ignored: others log that already.

        Any other error is logged once. A process never ends because it can't report.
        """
        try:
            self._report()
        except Exception as error:  # noqa: BLE001 (recording goes on)
            self._refused.begin(f"{type(error).__name__}: {error}")

    def _report(self) -> None:
        samples = [*self._process_samples(), *self._collect()]
        counters = {
            sample.metric.name: sample.value
            for sample in samples
            if sample.metric.kind == "counter"
            and not sample.labels
            and not isinstance(sample.value, Distribution)
        }
        self._meter.add(self._monotonic(), counters)
        self._publish(encode_report(__version__, samples, self._meter.rates()))

    def report_when_due(self) -> None:
        """Report if the last report is two seconds old."""
        if self._ticker.is_due():
            self.report()

    def run(self, shutdown: Shutdown) -> None:
        """Report every two seconds until the shutdown, and then remove the report."""
        while not shutdown.requested:
            self.report()
            shutdown.wait(REPORT_SECONDS)
        self.end()

    def end(self) -> None:
        """Remove the report, because the process ends. Later reports have no effect."""
        self._publish(b"")
        self._ended = True

    def _publish(self, report: bytes) -> None:
        if self._ended:
            return
        try:
            self._reports.publish(self._process, self._token, report)
            self._refused.end()
        except BrokerRefusedError as error:
            self._refused.begin(error)
        except (BrokerUnavailableError, JournalFullError):
            pass

    def _process_samples(self) -> list[Sample]:
        samples = [
            Sample(PROCESS_START, self._started_at),
            Sample(PROCESS_CPU, time.process_time()),
            *(
                Sample(LOG_MESSAGES, count, (level.lower(),))
                for level, count in log.message_counts().items()
            ),
        ]
        try:
            pages = int(_STATM.read_text("ascii").split()[1])
            samples.append(Sample(PROCESS_MEMORY, pages * os.sysconf("SC_PAGE_SIZE")))
            samples.append(Sample(PROCESS_FILES, sum(1 for _ in _FILES.iterdir())))
        except OSError:
            pass  # Only Linux has these files.
        return samples
