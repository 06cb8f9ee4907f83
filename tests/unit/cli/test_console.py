"""What several processes say, on one output."""

import io

from services.cli.supervise.console import Console, LineSplitter


def test_pieces_become_whole_lines() -> None:
    lines = LineSplitter()
    assert lines.feed(b"one\ntw") == [b"one"]
    assert lines.feed(b"o\n\nthree") == [b"two", b""]
    assert lines.end() == [b"three"]
    assert lines.end() == []


def test_a_line_without_an_end_does_not_grow_for_ever() -> None:
    lines = LineSplitter(longest=4)
    assert lines.feed(b"abc") == []
    assert lines.feed(b"de") == [b"abcde"]
    assert lines.feed(b"f\n") == [b"f"]


def test_lines_stand_behind_the_names_of_their_processes() -> None:
    stream = io.BytesIO()
    console = Console(stream, ["web", "writer"], coloured=False)
    console.write("web", b"one\r")
    console.write("writer", "zwei \N{DEGREE SIGN}")
    assert stream.getvalue().decode() == "web    | one\nwriter | zwei \N{DEGREE SIGN}\n"


def test_colours_are_around_the_name_alone() -> None:
    stream = io.BytesIO()
    Console(stream, ["web"], coloured=True).write("web", b"one")
    assert stream.getvalue() == b"\x1b[36mweb | \x1b[0mone\n"


def test_a_terminal_that_is_gone_does_not_matter() -> None:
    class Gone(io.BytesIO):
        def write(self, _data: object) -> int:
            raise BrokenPipeError

    console = Console(Gone(), ["web"], coloured=False)
    console.write("web", b"one")
    console.write("web", b"two")
