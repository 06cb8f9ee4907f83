"""Commands to the writer, whose result the command line waits for."""

from contextlib import closing
from typing import Final

from services.broker import Broker, Journal
from services.command import Command
from services.errors import ConflictError, ResultUnknownError
from services.redis_address import settings_with_redis
from services.store import CommandResults, reading_engine

_MAX_WAITS: Final = 5
"""Waits for the writer, each of at most a second."""


def carry_out(command: Command) -> None:
    """Publish a command for the writer, and wait until it was carried out.

    Raises:
        ConflictError: The writer refused it.
        ResultUnknownError: No writer has carried it out after some seconds.
    """
    settings = settings_with_redis()
    results = CommandResults(reading_engine(settings))
    with closing(Broker.connect(settings)) as broker:
        journal = Journal(broker)
        cursor = journal.send_commands([command])
        for _ in range(_MAX_WAITS):
            journal.commits.wait()
            refusal = results.refusal(cursor)
            if refusal:
                raise ConflictError(refusal)
            if refusal is not None:
                return
    raise ResultUnknownError
