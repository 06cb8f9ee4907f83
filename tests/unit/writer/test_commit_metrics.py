"""Metrics of the writer: what it commits, and how long readings waited for it."""

from services.metric import Distribution
from services.position import Checkpoint, Cursor, EntryId, Gap
from services.process_report import decode_report, encode_report
from services.reading import Reading
from services.store import CommitResult, WriteBatch
from services.writer.commit_metrics import CommitMetrics
from tests.support.clock import FakeClock

READINGS = [Reading("a", second, 1.0, None) for second in range(4)]


def checkpoint(milliseconds: int) -> Checkpoint:
    return Checkpoint(Cursor("e", EntryId(milliseconds, 0)), 1, 1)


def values(metrics: CommitMetrics) -> dict[str, object]:
    report = decode_report("writer", 1, encode_report("1", metrics.samples(), {}))
    return {
        ".".join((sample.metric.name, *sample.labels)): sample.value for sample in report.samples
    }


def distribution(metrics: CommitMetrics, name: str) -> Distribution:
    found = values(metrics)[name]
    assert isinstance(found, Distribution)
    return found


def test_readings_waited_from_their_entry_to_the_commit() -> None:
    clock = FakeClock()
    metrics = CommitMetrics(lambda: 20_000_000, clock)
    metrics.count_waiting(checkpoint(11_000), 3)
    metrics.count_waiting(checkpoint(19_998), 1)
    begun_at = metrics.now()
    clock.now += 0.25
    metrics.count_commit(WriteBatch(READINGS), checkpoint(19_998), CommitResult(1), begun_at)
    found = values(metrics)
    assert found["stripchart_readings_stored_total"] == 3
    assert found["stripchart_readings_rejected_total.refused"] == 1
    counts, total = distribution(metrics, "stripchart_publish_to_commit_seconds")
    assert total == 3 * 9.0 + 0.002
    assert (counts[1], counts[12]) == (1, 3)
    counts, total = distribution(metrics, "stripchart_commit_duration_seconds")
    assert (sum(counts), total) == (1, 0.25)
    counts, total = distribution(metrics, "stripchart_commit_readings")
    assert (sum(counts), total) == (1, 3.0)


def test_readings_that_do_not_wait_count_from_the_end_of_their_batch() -> None:
    metrics = CommitMetrics(lambda: 20_000_000, FakeClock())
    metrics.count_waiting(checkpoint(1_000), 3)
    metrics.forget_waiting()
    metrics.count_commit(WriteBatch(READINGS), checkpoint(19_000), CommitResult(), metrics.now())
    counts, total = distribution(metrics, "stripchart_publish_to_commit_seconds")
    assert (sum(counts), total) == (4, 4.0)


def test_clock_that_is_behind_redis_gives_no_negative_time() -> None:
    metrics = CommitMetrics(lambda: 0, FakeClock())
    metrics.count_commit(WriteBatch(READINGS), checkpoint(19_000), CommitResult(), metrics.now())
    counts, total = distribution(metrics, "stripchart_publish_to_commit_seconds")
    assert (counts[0], total) == (4, 0.0)


def test_commit_without_readings_counts_its_gaps_only() -> None:
    metrics = CommitMetrics(lambda: 0, FakeClock())
    gaps = [Gap(1, 2, 5, "x"), Gap(2, 3, None, "y")]
    metrics.malformed_count += 2
    metrics.count_commit(WriteBatch(gaps=gaps), checkpoint(1), CommitResult(), metrics.now())
    found = values(metrics)
    assert found["stripchart_gaps_total"] == 2
    assert found["stripchart_readings_lost_total"] == 5
    assert found["stripchart_readings_rejected_total.malformed"] == 2
    counts, _ = distribution(metrics, "stripchart_commit_readings")
    assert sum(counts) == 0
