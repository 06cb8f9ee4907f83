"""Checks of passwords: slow by design, so each success is remembered for a while."""

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Protocol, TypeVar

from services.passwords import hash_password, is_password
from services.web.access.directory import Directory
from services.web.access.principal import Principal

_REMEMBERED_SECONDS: Final = 300.0
"""Time for which a program that sends the same password again is not checked again."""

_MAX_REMEMBERED: Final = 1_000

T = TypeVar("T")


class RunInThread(Protocol):
    """Function that runs another one in a thread, while other requests go on."""

    def __call__(self, function: Callable[[], T], /) -> T:
        """Return the result of a function."""


class PasswordChecks:
    """Finds users by name and password.

    Args:
        run: Runs what takes long in a thread.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(self, run: RunInThread, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, float] = {}

    def find(self, directory: Directory, name: str, password: str) -> Principal | None:
        """Return the principal of a user, None if the name or the password is wrong.

        It takes as long for an unknown name.
        """
        user = directory.users.get(name)
        stored = None if user is None else user.password
        if not self._is_right(password, stored) or user is None:
            return None
        return Principal("password", user.name, user.role, None, user.password)

    def hash(self, password: str) -> str:
        """Return the hash of a new password."""
        return self._run(lambda: hash_password(password))

    def _is_right(self, password: str, stored: str | None) -> bool:
        digest = blake2b(f"{password}\0{stored}".encode("utf-8", "surrogatepass"), key=self._key)
        key = digest.digest()
        now = self._monotonic()
        if self._known.get(key, now) > now:
            return True
        if not self._run(lambda: is_password(password, stored)):
            return False
        if len(self._known) >= _MAX_REMEMBERED:
            self._known = {}
        self._known[key] = now + _REMEMBERED_SECONDS
        return True
