"""The writer's loop runs beside the channel bridge."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.broker import Broker, Message
from services.errors import JournalFullError
from services.settings import Settings
from services.writer.channel_losses import NOT_HEARD
from tests.support.journals import messages_between, state, with_bound
from tests.support.recordings import NOW, GapRow, Recording, raw_entries
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until


class TestRunning:
    """The loop and the bridge together, as in the writer's process."""

    @pytest.fixture
    def running(self, recording: Recording) -> Iterator[Recording]:
        client: Any = recording.broker.client
        with recording.running():
            wait_until("somebody listens", lambda: client.pubsub_numsub("readings")[0][1])
            yield recording

    def test_running_writer_stores_bridges_and_acknowledges(self, running: Recording) -> None:
        running.journal.publish(messages_between(0, 3))
        running.broker.client.publish("readings", '{"series":"kitchen","value":1,"ts":3}')
        wait_until("all is stored", lambda: running.stored() == [0, 1, 2, 3])
        end = str(running.journal.end().cursor.entry)
        wait_until("Redis knows", lambda: state(running.broker).get("committed") == end)

    def test_loss_on_the_channel_is_recorded_once(self, running: Recording) -> None:
        running.losses.add(NOW - 5, NOW, NOT_HEARD)
        wait_until("it is recorded", running.gaps)
        running.losses.add(NOW, NOW + 5, NOT_HEARD)
        running.journal.publish(messages_between(0, 3))
        expected = [GapRow(NOW - 5, NOW + 5, None, NOT_HEARD)]
        wait_until("it is extended", lambda: running.gaps() == expected)
        wait_until("all is stored", lambda: running.stored() == [0, 1, 2])

    def test_stopped_writer_records_losses(self, recording: Recording) -> None:
        with recording.running():
            recording.losses.add(NOW - 5, NOW, NOT_HEARD)
        assert recording.gaps() == [GapRow(NOW - 5, NOW, None, NOT_HEARD)]

    def test_stopped_writer_writes_the_rest_of_the_journal(self, recording: Recording) -> None:
        with recording.running():
            recording.journal.publish(messages_between(0, 300))
        assert recording.stored() == list(range(300))

    def test_full_journal_loses_no_reading_of_repeated_publishes(self, broker: Broker) -> None:
        recording = Recording(with_bound(broker, entries=400))
        with recording.running():
            for start in range(0, 2_000, 100):
                publish_when_accepted(recording, messages_between(start, start + 100))
        assert recording.stored() == list(range(2_000))
        assert recording.gaps() == []
        assert len(raw_entries(recording)) <= 400
        recording.close()


@pytest.mark.redis
class TestFullRedis:
    """A Redis that can't store more is still drained."""

    @pytest.fixture
    def recording(self, tmp_path: Path, settings: Settings) -> Iterator[Recording]:
        # A folder with the name of the file makes every attempt to save fail.
        (tmp_path / "redis" / "taken.rdb").mkdir(parents=True)
        server = RedisServer.in_folder(tmp_path / "redis", "--dbfilename", "taken.rdb")
        server.start()
        broker = Broker.connect(replace(settings, redis_url=server.url))
        recording = Recording(broker)
        yield recording
        recording.close()
        broker.close()
        server.kill()

    def test_redis_without_memory_is_drained(self, recording: Recording) -> None:
        recording.journal.publish(messages_between(0, 50))
        recording.broker.client.config_set("maxmemory", 1)
        with recording.running():
            wait_until("all is stored", lambda: recording.stored() == list(range(50)))
            end = str(recording.journal.end().cursor.entry)
            wait_until("Redis knows", lambda: state(recording.broker).get("committed") == end)
            recording.broker.client.config_set("maxmemory", 0)
            recording.journal.publish(messages_between(50, 60))
        assert recording.stored() == list(range(60))

    @pytest.mark.long
    def test_redis_with_a_full_disk_is_drained(self, recording: Recording) -> None:
        client: Any = recording.broker.client
        recording.journal.publish(messages_between(0, 50))
        client.config_set("save", "3600 1")
        client.bgsave()
        wait_until(
            "Redis refuses to write",
            lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err",
        )
        with pytest.raises(JournalFullError, match="can't write to its disk"):
            recording.journal.publish(messages_between(50, 51))
        with recording.running():
            wait_until("all is stored", lambda: recording.stored() == list(range(50)))
            client.config_set("stop-writes-on-bgsave-error", "no")
            recording.journal.publish(messages_between(50, 60))
            wait_until("the rest is stored", lambda: recording.stored() == list(range(60)))
        assert recording.gaps() == []


def publish_when_accepted(recording: Recording, messages: list[Message]) -> None:
    def taken() -> bool:
        try:
            recording.journal.publish(messages)
        except JournalFullError:
            return False
        return True

    wait_until("there is room", taken)
