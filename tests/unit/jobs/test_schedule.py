"""The schedule: one job for each slot, from one of several processes."""

import logging

import fakeredis
import pytest

from services.broker import Broker
from services.cli.supervise.fake_server import new_fake_server
from services.errors import StoreUnavailableError
from services.jobs.queue import JobQueue
from services.jobs.schedule import (
    LEASE_SECONDS,
    Schedule,
    ScheduledJob,
    TimeSlot,
    schedule_lease,
)
from services.settings import Settings

DAY = 86_400
NOON = 1_795_348_800  # 2026-11-22T12:00:00Z
TODAY = "readings-0-backup-20261122T000000Z"


class Conditions:
    """The conditions of the schedule: a clock that can be set, and the state of the job."""

    def __init__(self, broker: Broker) -> None:
        self.now = float(NOON)
        self.done = False
        self.skip_reason: str | None = None
        self._broker = broker

    def is_done(self, _slot: TimeSlot) -> bool:
        return self.done

    def schedule(self, queue: JobQueue) -> Schedule:
        """Create the schedule of one process."""
        job = ScheduledJob("backup", DAY, self.is_done, lambda _: self.skip_reason)
        return Schedule(queue, schedule_lease(self._broker, queue), (job,), lambda: self.now)


@pytest.fixture
def conditions(broker: Broker) -> Conditions:
    return Conditions(broker)


@pytest.mark.parametrize(
    ("now", "seconds", "expected"),
    [
        (NOON, DAY, "20261122T000000Z"),
        (NOON - 43_200, DAY, "20261122T000000Z"),
        (NOON - 43_200 - 0.001, DAY, "20261121T000000Z"),
        (NOON + 7_199, 3_600, "20261122T130000Z"),
    ],
)
def test_slot_is_an_interval_of_utc(now: float, seconds: int, expected: str) -> None:
    slot = TimeSlot.at(now, seconds)
    assert str(slot) == expected
    assert slot.start <= now < slot.end


def test_slot_gets_one_job(queue: JobQueue, conditions: Conditions) -> None:
    schedule = conditions.schedule(queue)
    for _ in range(3):
        schedule.enqueue_due()
    assert queue.rq.job_ids == [TODAY]
    queue.rq.empty()
    schedule.enqueue_due()
    assert queue.rq.job_ids == [TODAY], "the job was deleted with the queue"


def test_slot_whose_job_has_run_gets_no_other(queue: JobQueue, conditions: Conditions) -> None:
    schedule = conditions.schedule(queue)
    schedule.enqueue_due()
    queue.rq.pop_job_id()
    schedule.enqueue_due()
    assert queue.rq.job_ids == []


def test_missed_slots_are_not_made_up_for(queue: JobQueue, conditions: Conditions) -> None:
    schedule = conditions.schedule(queue)
    schedule.enqueue_due()
    conditions.now += 30 * DAY
    schedule.enqueue_due()
    assert queue.rq.job_ids == [TODAY, "readings-0-backup-20261222T000000Z"]


def test_clock_jump_enqueues_the_new_slot_only(queue: JobQueue, conditions: Conditions) -> None:
    schedule = conditions.schedule(queue)
    for jump in (0, 3 * DAY, 0, -3 * DAY, 0):
        conditions.now = NOON + jump
        schedule.enqueue_due()
    assert queue.rq.job_ids == [
        TODAY,
        "readings-0-backup-20261125T000000Z",
        "readings-0-backup-20261119T000000Z",
    ]


def test_done_slot_gets_no_job(queue: JobQueue, conditions: Conditions) -> None:
    conditions.done = True
    conditions.schedule(queue).enqueue_due()
    assert queue.rq.job_ids == []


def test_postponed_job_is_logged_once_and_enqueued_later(
    queue: JobQueue, conditions: Conditions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    schedule = conditions.schedule(queue)
    conditions.skip_reason = "there is no database yet"
    for _ in range(3):
        schedule.enqueue_due()
    assert caplog.messages == ["scheduled backup postponed: there is no database yet"]
    assert queue.rq.job_ids == []
    conditions.skip_reason = None
    schedule.enqueue_due()
    assert queue.rq.job_ids == [TODAY]


def test_failing_condition_is_logged_once(
    queue: JobQueue,
    conditions: Conditions,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_slot: TimeSlot) -> bool:
        raise StoreUnavailableError("the folder is missing")

    monkeypatch.setattr(conditions, "is_done", fail)
    schedule = conditions.schedule(queue)
    schedule.enqueue_due()
    schedule.enqueue_due()
    assert caplog.messages == ["scheduled backup not possible: the folder is missing"]


def test_only_the_lease_holder_enqueues(
    queue: JobQueue, conditions: Conditions, client: fakeredis.FakeRedis
) -> None:
    first, second = conditions.schedule(queue), conditions.schedule(queue)
    conditions.done = True
    first.enqueue_due()
    conditions.done = False
    second.enqueue_due()
    assert queue.rq.job_ids == [], "the first process holds the lease"
    assert 0 < client.pttl(queue.lease_key) <= LEASE_SECONDS * 1_000
    second.release()
    first.release()
    second.enqueue_due()
    assert queue.rq.job_ids == [TODAY]


def test_two_lease_holders_enqueue_one_job(
    queue: JobQueue, conditions: Conditions, client: fakeredis.FakeRedis
) -> None:
    first, second = conditions.schedule(queue), conditions.schedule(queue)
    first.enqueue_due()
    client.delete(queue.lease_key)
    second.enqueue_due()
    assert queue.rq.job_ids == [TODAY]


@pytest.mark.parametrize(("channel", "database"), [("other", 0), ("readings", 1)])
def test_instances_on_one_redis_have_a_schedule_each_and_share_no_key(
    channel: str, database: int
) -> None:
    server, keys = new_fake_server(), []
    for environ, number in (({}, 0), ({"CHANNEL": channel}, database)):
        client = fakeredis.FakeRedis(server=server, db=number)
        broker = Broker(client, Settings.from_environ(environ))
        queue = JobQueue(broker)
        Conditions(broker).schedule(queue).enqueue_due()
        assert queue.rq.job_ids == [f"{queue.name}-backup-20261122T000000Z"]
        keys += [key for key in client.scan_iter() if queue.name.encode() in key]
    assert len(keys) == len(set(keys)) == 8
