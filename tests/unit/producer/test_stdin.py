"""The source `stdin`: texts on standard input."""

import logging
import os
import threading
from collections.abc import Callable

import pytest

from services.producer.sources import stdin
from services.reading import Reading
from tests.support.source_contexts import SourceRunner

TS = 1_785_684_600_000_000
READING = '{\n "series": "küche",\n "value": 1,\n "time": 1785684600000\n}\n'


@pytest.fixture
def read(
    runner: SourceRunner, monkeypatch: pytest.MonkeyPatch
) -> Callable[[bytes, int], list[Reading]]:
    """Return a function that runs the source with a text, which arrives in pieces."""

    def run(text: bytes, piece_bytes: int) -> list[Reading]:
        output, source = os.pipe()
        monkeypatch.setattr(stdin, "_STDIN", output)

        def write() -> None:
            with os.fdopen(source, "wb", buffering=0) as pipe:
                for start in range(0, len(text), piece_bytes):
                    pipe.write(text[start : start + piece_bytes])

        writer = threading.Thread(target=write)
        writer.start()
        try:
            stdin.run(runner.context())
        finally:
            os.close(output)
            writer.join()
        return runner.readings

    return run


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("piece_bytes", [1, 1_000])
def test_json_on_many_lines_in_any_encoding_is_published(
    read: Callable[[bytes, int], list[Reading]],
    caplog: pytest.LogCaptureFixture,
    encoding: str,
    piece_bytes: int,
) -> None:
    with caplog.at_level(logging.INFO, "producer"):
        readings = read((READING * 2).encode(encoding), piece_bytes)
    assert readings == [Reading("küche", TS, 1.0)] * 2
    notes = [record.getMessage() for record in caplog.records]
    assert notes.count("standard input: times are Unix milliseconds") == 1
    windows = "standard input: read as Windows-1252, because it is not UTF-8"
    assert notes.count(windows) == (encoding == "cp1252")


def test_invalid_lines_are_logged_and_others_published(
    read: Callable[[bytes, int], list[Reading]], caplog: pytest.LogCaptureFixture
) -> None:
    text = b"\xef\xbb\xbfa value=1 1785684600000000000\na value=2 1\nwarm\n"
    assert read(text, 7) == [Reading("a", TS, 1.0)]
    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition(" left out")[0] for line in lines] == [
        "line 2 of standard input",
        "line 3 of standard input",
    ]


def test_table_without_understood_header_ends_the_source(
    read: Callable[[bytes, int], list[Reading]], caplog: pytest.LogCaptureFixture
) -> None:
    assert read(b"1785684600,21.5,43\n1785684660,21.6,44\n", 1_000) == []
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("standard input can't be read: ")
    assert "--columns" in line
