"""Cost of access control: `/api/history` with a login and without one, in turns."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlencode

import click

from benchmarks.harness.comparison import (
    Contestant,
    Figures,
    TableRow,
    format_table,
    measure_in_turns,
)
from benchmarks.harness.machine import describe_machine
from benchmarks.product.http import HttpClient
from benchmarks.product.stack import BenchmarkStack, running_stack
from services.access import hash_secret
from services.access_command import StartSession
from services.broker import Message
from services.clock import now_microseconds
from services.reading import MICROSECONDS, Reading
from services.web.access.credentials import SESSION_COOKIE
from tests.support.access import bearer, carry_out, new_token, new_user

_ROWS: Final = [TableRow("median", "median, ms", 3), TableRow("mean", "mean, ms", 3)]
_SECRET: Final = "secret"  # noqa: S105 (no real one)
_CALL_READINGS: Final = 1_000


@contextmanager
def filled_stack(folder: Path, reading_count: int) -> Iterator[BenchmarkStack]:
    """Run a Stripchart that has a series with one reading a second."""
    folder.mkdir()
    with running_stack(folder) as stack:
        start = now_microseconds() - reading_count * MICROSECONDS
        readings = [
            Reading("kitchen", start + second * MICROSECONDS, second % 60)
            for second in range(reading_count)
        ]
        for first in range(0, reading_count, _CALL_READINGS):
            stack.journal.publish(Message.of(readings[first : first + _CALL_READINGS]))
        stack.wait_until_committed()
        yield stack


def set_up_access(stack: BenchmarkStack) -> None:
    """Add a user with a session, a token for viewers, and some tokens that are not used."""
    now = now_microseconds()
    end = now + 86_400 * MICROSECONDS
    session = StartSession("anna", hash_secret(_SECRET), now, end)
    others = (new_token("write", f"other {number}") for number in range(20))
    carry_out(stack, new_user("anna", "view"), session, new_token("view", _SECRET), *others)


def measure(client: HttpClient, path: str, times: int) -> Figures:
    """Return the milliseconds of a request."""
    durations = []
    for _ in range(times):
        begin = time.perf_counter()
        client.request("GET", path)
        durations.append(1e3 * (time.perf_counter() - begin))
    return {"median": median(durations), "mean": sum(durations) / times}


@click.command()
@click.option("--size", type=click.IntRange(1), default=3_600, show_default=True,
              help="Readings of the series.")  # fmt: skip
@click.option("--times", type=click.IntRange(1), default=10, show_default=True,
              help="Requests of each measurement.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=200, show_default=True,
              help="Rounds in which all are measured once.")  # fmt: skip
def run(size: int, times: int, rounds: int) -> None:
    """Cost of a login for a request of the history, with a token and with a session."""
    click.echo(f"{describe_machine('flask', 'gunicorn', 'limits')}\n")
    path = f"/api/history?{urlencode({'series': 'kitchen', 'from': f'-{size}s'})}"
    with TemporaryDirectory() as folder, ExitStack() as stacks:
        open_stack, guarded = (
            stacks.enter_context(filled_stack(Path(folder, name), size))
            for name in ("open", "guarded")
        )
        set_up_access(guarded)
        token, session = (
            stacks.enter_context(closing(HttpClient(guarded.port, headers)))
            for headers in (bearer(_SECRET), {"Cookie": f"{SESSION_COOKIE}={_SECRET}"})
        )
        for title, client in (("token", token), ("session", session)):
            contestants = [
                Contestant(f"with a {title}", partial(measure, client, path, times)),
                Contestant("nothing set up", partial(measure, open_stack.http, path, times)),
            ]
            measure_in_turns(1, contestants, "warm-up")
            comparison = measure_in_turns(rounds, contestants, title)
            click.echo("\n".join(format_table("/api/history", _ROWS, comparison)) + "\n")
