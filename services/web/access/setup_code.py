"""The setup code: who can read the server's log may make the first user."""

import logging
import secrets
import time
from collections.abc import Callable
from hmac import compare_digest
from typing import Final

logger = logging.getLogger("web")

_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and letters that nobody confuses."""

_CHARS: Final = 12
"""Length of a code: 60 random bits, which nobody can guess over a network."""

_GROUP_CHARS: Final = 4

_LOG_PAUSE_SECONDS: Final = 10.0
"""Time for which the code is not logged again: everybody may open the page that asks for it."""


def new_setup_code() -> str:
    """Return a new code. All web processes of a server have the same."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CHARS))


class SetupCode:
    """The code without which nobody can make the first user on the page.

    Without it, the first person who finds a new server would own it.

    Args:
        code: The code.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(self, code: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._code = code
        self._monotonic = monotonic
        self._quiet_until = float("-inf")

    def log(self) -> None:
        """Write the code to the log, because somebody has opened the page that asks for it."""
        if self._monotonic() < self._quiet_until:
            return
        self._quiet_until = self._monotonic() + _LOG_PAUSE_SECONDS
        parts = [self._code[i : i + _GROUP_CHARS] for i in range(0, _CHARS, _GROUP_CHARS)]
        logger.info(
            "nobody has to log in yet: to make the first user, give the page /setup the code %s",
            "-".join(parts),
        )

    def matches(self, text: str) -> bool:
        """Return True if a person has typed the code, in any case, with or without hyphens."""
        typed = "".join(text.upper().replace("-", " ").split())
        return compare_digest(typed.encode(), self._code.encode())
