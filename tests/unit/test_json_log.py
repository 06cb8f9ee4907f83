"""Logs as JSON: one object in each line, for all processes."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest

from services.cli.supervise.console import Console
from services.errors import BrokerUnavailableError
from services.log import FaultLog, configure

logger = logging.getLogger("writer")

LinesOf: TypeAlias = Callable[[Callable[[], object]], list[dict[str, str]]]


@pytest.fixture(autouse=True)
def restored_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def lines_of(capsys: pytest.CaptureFixture[str]) -> LinesOf:
    """Return a function that calls another one, and returns the lines that it logs."""

    def lines_of(act: Callable[[], object]) -> list[dict[str, str]]:
        configure("INFO", "json", "writer")
        act()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return lines_of


def test_event_is_one_line_with_time_level_process_and_message(lines_of: LinesOf) -> None:
    (line,) = lines_of(lambda: logger.info("two\nlines \N{DEGREE SIGN}"))
    written_at = datetime.fromisoformat(line.pop("time"))
    assert written_at.utcoffset() == timedelta(0)
    assert line == {"level": "INFO", "process": "writer", "message": "two\nlines \N{DEGREE SIGN}"}


def test_hint_of_an_error_has_a_field_of_its_own(lines_of: LinesOf) -> None:
    fault = FaultLog(logger, "journal unavailable", "journal available again")
    error = BrokerUnavailableError("Redis can't be used", "start it")
    (line,) = lines_of(lambda: fault.begin(error))
    assert line["message"] == "journal unavailable: Redis can't be used"
    assert (line["level"], line["hint"]) == ("WARNING", "start it")


def test_exception_is_one_field(lines_of: LinesOf) -> None:
    (line,) = lines_of(lambda: logger.error("it failed", exc_info=KeyError("x")))
    assert line["message"] == "it failed"
    assert line["exception"] == "KeyError: 'x'"


def test_line_of_a_library_names_its_logger(lines_of: LinesOf) -> None:
    (line,) = lines_of(lambda: logging.getLogger("gunicorn.error").warning("%d was killed", 7))
    assert (line["process"], line["logger"]) == ("writer", "gunicorn.error")
    assert line["message"] == "7 was killed"


def test_console_passes_lines_of_json_unchanged_and_wraps_others() -> None:
    stream = io.BytesIO()
    console = Console(stream, ["redis", "web"], colored=False, as_json=True)
    console.write("web", b'{"message": "ours"}\r')
    console.write("redis", b"* Ready to accept connections \xff")
    first, second = stream.getvalue().splitlines()
    assert first == b'{"message": "ours"}'
    wrapped = json.loads(second)
    assert wrapped["process"] == "redis"
    assert wrapped["message"] == "* Ready to accept connections \N{REPLACEMENT CHARACTER}"
