"""Sources: found by name, kept running, and what they may put."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import fakeredis
import pytest

from services.broker import Broker, Journal
from services.concurrency import Shutdown
from services.errors import SettingError, SourceError
from services.producer import sources
from services.producer.main import produce
from services.producer.outbox import Outbox
from services.producer.registry import check_sources, load_sources
from services.producer.source_context import SourceContext
from services.reading import Reading
from services.settings import Settings
from tests.support.servers import PATIENCE, ROOT, wait_until
from tests.support.source_contexts import Feeding


@pytest.fixture
def feeding(settings: Settings) -> Iterator[Feeding]:
    made = Feeding(settings)
    yield made
    made.end()


class TestLoading:
    def test_there_is_one_file_for_each(self, settings: Settings) -> None:
        names = ("random", "walk", "sine", "host", "stdin", "mqtt", "command")
        found = load_sources(replace(settings, sources=names))
        assert [name for name, _ in found] == list(names)
        files = {path.stem for path in (ROOT / "services/producer/sources").glob("[a-z]*.py")}
        assert files == set(names)

    def test_one_that_is_named_twice_runs_once(self, settings: Settings) -> None:
        found = load_sources(replace(settings, sources=("sine", "sine")))
        assert [name for name, _ in found] == ["sine"]

    @pytest.mark.parametrize("names", [("weather",), ("host", "__init__"), ("../main",)])
    def test_what_is_not_there_is_said_with_what_is(
        self, settings: Settings, names: tuple[str, ...]
    ) -> None:
        with pytest.raises(SettingError, match="there are command, host, mqtt") as caught:
            load_sources(replace(settings, sources=names))
        assert caught.value.exit_status == 2

    def test_checking_the_sources_leaves_the_package_as_it_is(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        before = list(sources.__path__)
        (tmp_path / "barometer.py").write_text("", encoding="utf-8")
        mine = replace(settings, sources_folder=str(tmp_path), sources=("barometer", "host"))
        check_sources(mine)
        assert list(sources.__path__) == before
        with pytest.raises(SettingError, match="there is no source 'barometer'"):
            check_sources(replace(mine, sources_folder=""))

    def test_a_file_that_is_no_source_is_one_sentence(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        (tmp_path / "broken.py").write_text("import nothing_of_that_name", encoding="utf-8")
        (tmp_path / "empty.py").write_text("", encoding="utf-8")
        for name in ("broken", "empty"):
            mine = replace(settings, sources_folder=str(tmp_path), sources=(name,))
            with pytest.raises(SettingError, match=f"the source {name} can't be loaded"):
                load_sources(mine)


def test_the_documents_example_runs(feeding: Feeding, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(example.splitlines()) <= 20
    (tmp_path / "load.py").write_text(example, encoding="utf-8")
    mine = replace(feeding.settings, sources_folder=str(tmp_path), sources=("load",))
    ((name, run),) = load_sources(mine)
    assert name == "load"
    feeding.start(run)
    wait_until("it has put its readings", lambda: len(feeding.readings) >= 3)
    assert [r.series for r in feeding.readings[:3]] == ["load.1min", "load.5min", "load.15min"]


def test_without_a_source_the_producer_waits(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stop = Shutdown()
    thread = threading.Thread(target=produce, args=[replace(settings, sources=()), stop])
    thread.start()
    wait_until("it says so", lambda: "publishing from no source" in caplog.text)
    thread.join(0.5)
    assert thread.is_alive()
    stop.request()
    thread.join(PATIENCE)
    assert not thread.is_alive()


class TestRunner:
    def test_one_that_fails_is_begun_anew_and_said_once(
        self, feeding: Feeding, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        attempts: list[int] = []

        def run(feed: SourceContext) -> None:
            attempts.append(1)
            if len(attempts) < 3:
                raise SourceError("the sensor is unplugged")
            feed.put([Reading("a", 1, 1.0)])

        feeding.start(run)
        wait_until("the third attempt succeeds", lambda: feeding.readings)
        wait_until("it is over", lambda: "source test works again" in caplog.text)
        assert len(attempts) == 3
        told = [record.getMessage() for record in caplog.records]
        assert told[0] == "source test failed: the sensor is unplugged"
        assert told[1].startswith("source test works again after ")
        assert len(told) == 2

    def test_one_that_fails_does_not_stop_the_others(self, feeding: Feeding) -> None:
        def broken(_feed: SourceContext) -> None:
            raise RuntimeError("a bug")

        def whole(feed: SourceContext) -> None:
            for ts in feed.every(0.1):
                feed.put([Reading("a", ts, 1.0)])

        feeding.start(broken)
        feeding.start(whole)
        wait_until("the other goes on", lambda: len(feeding.readings) >= 5)

    def test_wrong_settings_end_the_producer(self, feeding: Feeding) -> None:
        def run(_feed: SourceContext) -> None:
            raise SettingError("STRIPCHART_COMMANDS has no rule")

        runner = feeding.start(run)
        wait_until("the producer is asked to end", lambda: feeding.stop.requested)
        with pytest.raises(SettingError, match="has no rule"):
            runner.join(PATIENCE)

    def test_a_stop_ends_a_pause(self, feeding: Feeding) -> None:
        failed = threading.Event()

        def run(_feed: SourceContext) -> None:
            failed.set()
            raise SourceError("the sensor is unplugged")

        runner = feeding.start(run)
        assert failed.wait(PATIENCE)
        feeding.stop.request()
        runner.join(PATIENCE)
        assert not runner.running


class TestPutting:
    @pytest.mark.parametrize(
        ("reading", "why"),
        [
            (Reading("", 1, 1.0), "series must not be empty"),
            (Reading("a\x00", 1, 1.0), "control characters"),
            (Reading("a", 1, float("nan")), "value must be a finite number"),
            (Reading("a", 1, 1.0, "x" * 51), "unit must have at most 50"),
        ],
    )
    def test_what_cannot_be_stored_is_left_out_and_said_once(
        self,
        feeding: Feeding,
        caplog: pytest.LogCaptureFixture,
        reading: Reading,
        why: str,
    ) -> None:
        feed = feeding.feed()
        for _ in range(3):
            feed.put([reading, Reading("good", 1, 1.0)])
        assert [r.series for r in feeding.readings] == ["good"] * 3
        assert len(caplog.records) == 1
        assert why in caplog.records[0].getMessage()

    def test_whoever_can_wait_loses_nothing(self, settings: Settings) -> None:
        server = fakeredis.FakeServer()
        outbox = Outbox(Journal(Broker(fakeredis.FakeRedis(server=server), settings)), 100)
        stop = Shutdown()
        feed = SourceContext("test", settings, outbox, stop)
        server.connected = False
        readings = [Reading("a", ts, 1.0) for ts in range(1_000)]
        putting = threading.Thread(target=feed.put_patiently, args=[readings])
        putting.start()
        wait_until("the outbox is full", lambda: len(outbox) == 100)
        server.connected = True
        wait_until("all is sent", lambda: outbox.flush() and not putting.is_alive())
        assert outbox.flush()
        assert outbox.dropped == 0
        state: Callable[..., object] = fakeredis.FakeRedis(server=server).hget
        assert state("readings:state", "r") == b"1000"
