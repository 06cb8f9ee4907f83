"""The console: lines of several processes on one output."""

import io

from services.cli.supervise.console import Console, LineSplitter


def test_chunks_become_whole_lines() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"one\ntw") == [b"one"]
    assert splitter.feed(b"o\n\nthree") == [b"two", b""]
    assert splitter.finish() == [b"three"]
    assert splitter.finish() == []


def test_line_without_an_end_is_cut_above_the_maximum() -> None:
    splitter = LineSplitter(max_line_bytes=4)
    assert splitter.feed(b"abc") == []
    assert splitter.feed(b"de") == [b"abcde"]
    assert splitter.feed(b"f\n") == [b"f"]


def test_each_line_begins_with_the_name_of_its_process() -> None:
    stream = io.BytesIO()
    console = Console(stream, ["web", "writer"], colored=False)
    console.write("web", b"one\r")
    console.write("writer", "zwei \N{DEGREE SIGN}")
    assert stream.getvalue().decode() == "web    | one\nwriter | zwei \N{DEGREE SIGN}\n"


def test_only_the_name_is_colored() -> None:
    stream = io.BytesIO()
    Console(stream, ["web"], colored=True).write("web", b"one")
    assert stream.getvalue() == b"\x1b[36mweb | \x1b[0mone\n"


def test_closed_terminal_is_not_an_error() -> None:
    class ClosedStream(io.BytesIO):
        def write(self, _data: object) -> int:
            raise BrokenPipeError

    console = Console(ClosedStream(), ["web"], colored=False)
    console.write("web", b"one")
    console.write("web", b"two")
