"""Commands whose output is a number."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.concurrency import Shutdown
from services.errors import SettingError, SourceError
from services.producer.rule_parser import SourceRule, parse_source_rules
from services.producer.sources import command
from services.producer.sources.command import measure
from services.settings import Settings
from tests.support.servers import PATIENCE, wait_until
from tests.support.source_contexts import Feeding


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


class TestRules:
    def test_each_line_is_a_rule(self) -> None:
        text = """
            cat /sys/temp => pi.temperature m°C
            sh -c "df / | awk '{ print $5 => 1 }'" => "disk used" %
            true
        """
        assert parse_source_rules("X", text) == [
            SourceRule(["cat", "/sys/temp"], "pi.temperature", "m°C"),
            SourceRule(["sh", "-c", "df / | awk '{ print $5 => 1 }'"], "disk used", "%"),
            SourceRule(["true"], "", None),
        ]

    def test_the_last_arrow_counts(self) -> None:
        assert parse_source_rules("X", "echo => 1 => a") == [
            SourceRule(["echo", "=>", "1"], "a", None)
        ]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "X has no rule"),
            ("=> a", "nothing before =>"),
            ("true =>", "must follow =>"),
            ("true => a % b", "must follow =>"),
            ("echo 'a => b", "No closing quotation"),
        ],
    )
    def test_what_is_no_rule_is_said(self, text: str, why: str) -> None:
        with pytest.raises(SettingError, match=why):
            parse_source_rules("X", text)


class TestMeasuring:
    @pytest.mark.parametrize(
        ("printed", "value"), [("21.5", 21.5), (" -3\n", -3.0), ("1e3\n\n", 1000.0)]
    )
    def test_what_it_prints_is_the_value(self, printed: str, value: float) -> None:
        assert measure(python(f"print({printed!r}, end='')"), 20, Shutdown()) == value

    @pytest.mark.parametrize(
        ("code", "why"),
        [
            ("print('warm')", "it printed 'warm.*', no number"),
            ("print('1 2')", "no number"),
            ("pass", "it printed '', no number"),
            ("print('nan')", "it printed nan"),
            ("print(1); raise SystemExit(3)", "it ended with status 3"),
            ("while True: print('x' * 1000)", "it printed more than 4096 bytes"),
        ],
    )
    def test_anything_else_is_a_fault(self, code: str, why: str) -> None:
        with pytest.raises(SourceError, match=why):
            measure(python(code), 20, Shutdown())

    def test_a_command_that_is_not_there_is_a_fault(self) -> None:
        with pytest.raises(FileNotFoundError, match="no-such-command"):
            measure(["no-such-command"], 20, Shutdown())

    def test_its_words_are_no_shells(self) -> None:
        code = "import sys; print(len(sys.argv[1]))"
        assert measure([*python(code), "$HOME; *"], 20, Shutdown()) == 8

    def test_one_that_hangs_is_killed_with_all_that_it_started(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        # Only what the command has started holds the other end.
        held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        began = time.monotonic()
        with pytest.raises(SourceError, match="it took longer than 1 s"):
            measure(["sh", "-c", f"exec 3>'{pipe}'; echo x >&3; sleep 1000 & wait"], 1, Shutdown())
        assert time.monotonic() - began < PATIENCE
        wait_until("nobody holds it any more", lambda: _is_at_its_end(held))
        os.close(held)

    def test_a_stop_ends_one_that_hangs(self) -> None:
        stop = Shutdown()
        threading.Timer(0.2, stop.request).start()
        with pytest.raises(SourceError):
            measure(python("import time; time.sleep(60)"), 50, stop)


def _is_at_its_end(pipe: int) -> bool:
    """Whether nobody can write into a pipe any more. What was written is read and left."""
    try:
        while os.read(pipe, 1_000):
            pass
    except BlockingIOError:
        return False
    return True


class TestRunning:
    @pytest.fixture
    def feeding(self, settings: Settings) -> Iterator[Feeding]:
        rules = f"""
            {sys.executable} -c "print(21.5)" => kitchen °C
            {sys.executable} -c "print('warm')" => cellar
            {sys.executable} -c "import time; time.sleep(60)" => attic
        """
        made = Feeding(
            replace(settings, commands=rules, command_seconds=0.1, command_timeout=600.0)
        )
        yield made
        made.end()

    def test_one_that_fails_or_hangs_is_said_once_and_stops_none(
        self, feeding: Feeding, caplog: pytest.LogCaptureFixture
    ) -> None:
        feeding.start(command.run)
        wait_until("the good one is measured", lambda: len(feeding.readings) >= 4)
        assert {(r.series, r.value, r.unit) for r in feeding.readings} == {("kitchen", 21.5, "°C")}
        wait_until("the bad one is said", lambda: caplog.records)
        told = [record.getMessage() for record in caplog.records]
        assert told == ["command for cellar failed: it printed 'warm\\n', no number"]

    def test_a_command_needs_a_series(self, settings: Settings) -> None:
        feeding = Feeding(replace(settings, commands="uptime"))
        runner = feeding.start(command.run)
        wait_until("the producer is asked to end", lambda: feeding.stop.requested)
        with pytest.raises(SettingError, match="a series must follow"):
            runner.join(PATIENCE)
