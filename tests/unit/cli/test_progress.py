"""The progress line, on a terminal and elsewhere."""

import io

from services.cli.input.progress import Progress


class FakeTerminal(io.StringIO):
    """A terminal, and the time of its clock."""

    now = 0.0

    def isatty(self) -> bool:
        return True


def test_terminal_is_updated_five_times_a_second() -> None:
    terminal = FakeTerminal()
    progress = Progress(terminal, lambda: terminal.now)
    for tick in range(8):
        terminal.now = tick / 8
        progress.show(lambda: f"{terminal.now:.2f}")
    assert terminal.getvalue().split("\r\x1b[2K") == ["", "0.00", "0.25", "0.50", "0.75"]


def test_printed_line_replaces_the_progress() -> None:
    terminal = FakeTerminal()
    progress = Progress(terminal, lambda: 0.0)
    progress.show(lambda: "half")
    progress.print_line("line 3: not a reading")
    progress.clear()
    assert terminal.getvalue() == "\r\x1b[2Khalf\r\x1b[2Kline 3: not a reading\n"


def test_only_printed_lines_are_written_without_a_terminal() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.show(lambda: "half")
    progress.print_line("line 3: not a reading")
    progress.clear()
    assert stream.getvalue() == "line 3: not a reading\n"
