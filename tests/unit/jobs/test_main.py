"""The jobs process: the jobs that the settings schedule."""

from services.jobs.main import create_scheduled_jobs
from services.settings import Settings


def test_interval_of_backups_is_a_setting() -> None:
    def intervals(**environ: str) -> list[int]:
        jobs = create_scheduled_jobs(Settings.from_environ(environ))
        return [job.interval_seconds for job in jobs]

    assert intervals() == [86_400]
    assert intervals(STRIPCHART_BACKUP_HOURS="6") == [6 * 3_600]
    assert intervals(STRIPCHART_BACKUP_HOURS="0") == []
