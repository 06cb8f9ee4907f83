"""Metrics of the jobs process: its jobs, the queue and the backups."""

from pathlib import Path

import pytest

from services.jobs.job_metrics import JobMetrics
from services.jobs.queue import JobQueue
from services.metric import Sample
from services.settings import Settings
from services.store.backup.backups import Backups
from tests.support.clock import FakeClock
from tests.support.databases import make_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environ({"DATA_DIR": str(tmp_path / "data")})


def values(metrics: JobMetrics) -> dict[str, object]:
    def name(sample: Sample) -> str:
        return ".".join((sample.metric.name.removeprefix("stripchart_"), *sample.labels))

    return {name(sample): sample.value for sample in metrics.samples()}


def test_jobs_are_counted_by_kind_and_outcome(queue: JobQueue, settings: Settings) -> None:
    metrics = JobMetrics(queue, Backups(settings), 3_600.0, FakeClock())
    assert values(metrics)["jobs_finished_total.backup.failure"] == 0
    metrics.count_job("backup", True, 1.5)
    metrics.count_job("backup", True, 2.0)
    metrics.count_job("backup", False, 0.5)
    found = values(metrics)
    assert found["jobs_finished_total.backup.success"] == 2
    assert found["jobs_finished_total.backup.failure"] == 1
    assert found["job_duration_seconds_total.backup"] == 4.0
    assert found["backup_interval_seconds"] == 3_600.0


def test_queue_and_backups_are_read_every_ten_seconds(queue: JobQueue, settings: Settings) -> None:
    clock = FakeClock()
    metrics = JobMetrics(queue, Backups(settings), 0.0, clock)
    assert values(metrics)["jobs_queued"] == 0
    make_database(settings)
    report = Backups(settings).create()
    queue.enqueue("backup")
    assert values(metrics)["jobs_queued"] == 0
    clock.now += 11.0
    found = values(metrics)
    assert (found["jobs_queued"], found["jobs_failed"], found["backups"]) == (1, 0, 1)
    assert found["backup_size_bytes"] == report.path.stat().st_size
    assert isinstance(found["backup_timestamp_seconds"], int)
