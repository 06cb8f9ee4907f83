"""Commands that a response waits for."""

from typing import Final

from services.command import Command
from services.concurrency import Interrupt
from services.errors import ResultUnknownError
from services.web.services import web_services

_MAX_WAITS: Final = 5
"""Waits for the writer, each of at most a second. An erasure before the command may take long."""


def carry_out(command: Command) -> str:
    """Append a command to the journal, and wait until it was carried out.

    It needs the context of an app.

    Returns:
        Why it was refused, otherwise "".

    Raises:
        ResultUnknownError: No writer has carried it out after some seconds.
        BrokerUnavailableError: Redis does not answer.
        JournalFullError: The journal is full.
    """
    services = web_services()
    cursor = services.journal.send_commands([command])

    def read(interrupt: Interrupt) -> str | None:
        return services.command_results.refusal(cursor, interrupt)

    for _ in range(_MAX_WAITS):
        services.read_barrier.wait()
        refusal = services.ask(read)
        if refusal is not None:
            return refusal
    raise ResultUnknownError
