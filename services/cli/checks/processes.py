"""The processes that are asked over the network: the page, and the jobs."""

from typing import Final

from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.cli.supervise.page_probe import address_of, status_of
from services.jobs.queue import JobQueue

_ANSWER_SECONDS: Final = 5.0
_SILENT_SECONDS: Final = 180.0
_HTTP_OK: Final = 200


def check_web(case: Examination, finding: Finding) -> None:
    """Whether the page answers where it should."""
    address = address_of(case.settings)
    status = status_of(case.settings, _ANSWER_SECONDS)
    if status == _HTTP_OK:
        finding.fact(f"the page answers at {address}")
    elif status is None:
        finding.fail(
            f"nothing answers at {address}", "start it: `stripchart up`, or `stripchart web`"
        )
    else:
        finding.fail(
            f"{address} answers /livez with {status}: another program has the port",
            "set PORT to another one",
        )


def check_jobs(case: Examination, finding: Finding) -> None:
    """Whether a worker takes jobs, and what became of them."""
    queue = JobQueue(case.broker)
    alive = [beat for beat in queue.worker_heartbeats() if case.now - beat < _SILENT_SECONDS]
    if alive:
        finding.fact("a worker takes them")
    else:
        finding.fail(
            "no worker is running: no backups are made",
            "start it: `stripchart up`, or `stripchart jobs`",
        )
    failed = queue.count_failed()
    if failed:
        finding.warn(f"{failed:,} of the last 8 days failed", "see the log of jobs")
