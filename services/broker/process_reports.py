"""The reports of all processes of this instance, which they share through Redis."""

from typing import Any, Final

from services.broker.connection import Broker, translate_errors
from services.errors import MalformedError
from services.process_report import MAX_REPORT_BYTES, ProcessReport, decode_report

MAX_AGE_SECONDS: Final = 10
"""Age from which on a report counts as that of a dead process."""

_MAX_REPORTS: Final = 200


class ProcessReports:
    """The newest report of each process. Reports are in the memory of Redis only.

    Args:
        broker: The Redis that keeps them.
    """

    def __init__(self, broker: Broker) -> None:
        self._client = broker.client
        self._key = broker.keys.reports
        self._script = broker.script("report")

    def publish(self, process: str, token: str, report: bytes) -> int:
        """Replace the report of a process.

        Args:
            process: The kind of process.
            token: Letters and digits that only this process has.
            report: The report, or nothing to remove it.

        Returns:
            The number of the process among those of its kind, from 1 on.

        Raises:
            BrokerUnavailableError: Redis can't be used.
            JournalFullError: Redis is out of memory.
        """
        with translate_errors(self._client):
            return int(
                self._script(keys=[self._key], args=[process, token, report, MAX_AGE_SECONDS])
            )

    def read(self) -> list[ProcessReport]:
        """Return the reports in the order of their names and numbers.

        Dead processes have been removed by the last `publish`. What is no report is left out.

        Raises:
            BrokerUnavailableError: Redis can't be used.
        """
        with translate_errors(self._client):
            stored: Any = self._client.hgetall(self._key)
        reports = []
        for field, value in list(stored.items())[:_MAX_REPORTS]:
            try:
                reports.append(_decode(field, value))
            except (MalformedError, ValueError):
                continue
        return sorted(reports, key=lambda report: (report.process, report.number))


def _decode(field: bytes, value: bytes) -> ProcessReport:
    """Return a report. Raises MalformedError, ValueError."""
    process, number = field.decode("ascii").split(" ")
    _, _, text = value[: 2 * MAX_REPORT_BYTES].split(b" ", 2)
    return decode_report(process, int(number), text)
