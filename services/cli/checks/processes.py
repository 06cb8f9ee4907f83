"""Checks of the web process and the jobs process."""

from typing import Final

from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.cli.supervise.page_probe import HTTP_OK, page_url, probe_page
from services.jobs.queue import JobQueue

_ANSWER_SECONDS: Final = 5.0
_MAX_HEARTBEAT_AGE_SECONDS: Final = 180.0


def check_web(examination: Examination, finding: Finding) -> None:
    """Check that the page answers at its address."""
    url = page_url(examination.settings)
    status = probe_page(examination.settings, _ANSWER_SECONDS)
    if status == HTTP_OK:
        finding.fact(f"the page answers at {url}")
    elif status is None:
        finding.fail(f"nothing answers at {url}", "start it: `stripchart up`, or `stripchart web`")
    else:
        finding.fail(
            f"{url} answers /livez with {status}: another program uses the port",
            "set PORT to another port",
        )


def check_jobs(examination: Examination, finding: Finding) -> None:
    """Check that a worker runs jobs, and that they succeed."""
    queue = JobQueue(examination.broker)
    now = examination.now
    if any(
        abs(now - sent_at) < _MAX_HEARTBEAT_AGE_SECONDS for sent_at in queue.worker_heartbeats()
    ):
        finding.fact("a worker is running")
    else:
        finding.fail(
            "no worker is running: no backups are made",
            "start it: `stripchart up`, or `stripchart jobs`",
        )
    failed = queue.count_failed()
    if failed:
        finding.warn(f"{failed:,} jobs failed in the last 8 days", "see the log of jobs")
