"""Changes of access that a request asks for."""

from services.access_command import AccessCommand
from services.web.http.commands import carry_out
from services.web.services import web_services


def change_access(command: AccessCommand) -> str:
    """Carry out a command, so that it counts for the next request.

    Returns:
        Why it was refused, otherwise "".

    Raises:
        ResultUnknownError: No writer has carried it out after some seconds.
        BrokerUnavailableError: Redis does not answer.
        JournalFullError: The journal is full.
        StoreUnavailableError, StoreUnusableError: The database can't be read.
    """
    refusal = carry_out(command)
    web_services().directory.read_now()
    return refusal
