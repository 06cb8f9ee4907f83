"""The source `command`: numbers that commands print."""

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
from services.producer.sources import command
from services.producer.sources.command import run_command
from services.settings import Settings
from tests.support.source_contexts import SourceRunner
from tests.support.waiting import TIMEOUT_SECONDS, wait_until


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


class TestRunCommand:
    @pytest.mark.parametrize(
        ("output", "value"), [("21.5", 21.5), (" -3\n", -3.0), ("1e3\n\n", 1000.0)]
    )
    def test_printed_number_is_the_value(self, output: str, value: float) -> None:
        assert run_command(python(f"print({output!r}, end='')"), 20, Shutdown()) == value

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("print('warm')", "output 'warm.*' is not a number"),
            ("print('1 2')", "is not a number"),
            ("pass", "output '' is not a number"),
            ("print('nan')", "output nan is not a finite number"),
            ("print(1); raise SystemExit(3)", "exit status 3"),
            ("while True: print('x' * 1000)", "output longer than 4096 bytes"),
        ],
    )
    def test_other_output_is_an_error_with_its_reason(self, code: str, reason: str) -> None:
        with pytest.raises(SourceError, match=reason):
            run_command(python(code), 20, Shutdown())

    def test_missing_program_is_an_error(self) -> None:
        with pytest.raises(FileNotFoundError, match="no-such-command"):
            run_command(["no-such-command"], 20, Shutdown())

    def test_words_are_not_interpreted_by_a_shell(self) -> None:
        code = "import sys; print(len(sys.argv[1]))"
        assert run_command([*python(code), "$HOME; *"], 20, Shutdown()) == 8

    def test_hanging_command_is_killed_with_its_children(self, tmp_path: Path) -> None:
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        # Only the children of the command hold the other end.
        reading_end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        script = f"exec 3>'{fifo}'; echo x >&3; sleep 1000 & wait"
        began = time.monotonic()
        with pytest.raises(SourceError, match="no result after 1 s"):
            run_command(["sh", "-c", script], 1, Shutdown())
        assert time.monotonic() - began < TIMEOUT_SECONDS
        wait_until("no process holds the other end", lambda: has_no_writer(reading_end))
        os.close(reading_end)

    def test_shutdown_ends_a_hanging_command(self) -> None:
        shutdown = Shutdown()
        threading.Timer(0.2, shutdown.request).start()
        with pytest.raises(SourceError):
            run_command(python("import time; time.sleep(60)"), 50, shutdown)


def has_no_writer(reading_end: int) -> bool:
    """Read and discard the content; return True if no process can write any more."""
    try:
        while os.read(reading_end, 1_000):
            pass
    except BlockingIOError:
        return False
    return True


class TestRun:
    @pytest.fixture
    def runner(self, settings: Settings) -> Iterator[SourceRunner]:
        rules = f"""
            {sys.executable} -c "print(21.5)" => kitchen °C
            {sys.executable} -c "print('warm')" => cellar
            {sys.executable} -c "import time; time.sleep(60)" => attic
        """
        made = SourceRunner(
            replace(settings, commands=rules, command_seconds=0.1, command_timeout=600.0)
        )
        yield made
        made.end()

    def test_failing_or_hanging_command_is_logged_once_and_stops_no_other(
        self, runner: SourceRunner, caplog: pytest.LogCaptureFixture
    ) -> None:
        runner.start(command.run)
        wait_until("the working command has run", lambda: len(runner.readings) >= 4)
        assert {(r.series, r.value, r.unit) for r in runner.readings} == {("kitchen", 21.5, "°C")}
        wait_until("the failing command is logged", lambda: caplog.records)
        messages = [record.getMessage() for record in caplog.records]
        assert messages == ["command for cellar failed: output 'warm\\n' is not a number"]

    def test_rule_without_series_stops_the_producer(self, settings: Settings) -> None:
        runner = SourceRunner(replace(settings, commands="uptime"))
        source = runner.start(command.run)
        wait_until("the shutdown is requested", lambda: runner.stop.requested)
        with pytest.raises(SettingError, match="a series must follow"):
            source.join(TIMEOUT_SECONDS)
