"""Checks of passwords: slow by design, so each success is remembered for a while."""

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Protocol, TypeVar

from gevent.lock import BoundedSemaphore
from werkzeug.exceptions import ServiceUnavailable

from services.passwords import hash_password, is_password
from services.web.access.directory import Directory
from services.web.access.login_attempts import LoginAttempts
from services.web.access.principal import Principal

_REMEMBERED_SECONDS: Final = 300.0
"""Time for which a program that sends the same password again is not checked again."""

_MAX_REMEMBERED: Final = 1_000

_WAIT_SECONDS: Final = 5.0
"""Time for which a check waits for those before it."""

T = TypeVar("T")


class RunInThread(Protocol):
    """Function that runs another one in a thread, while other requests go on."""

    def __call__(self, function: Callable[[], T], /) -> T:
        """Return the result of a function."""


class PasswordChecks:
    """Finds users by name and password.

    Args:
        run: Runs what takes long in a thread.
        attempts: Counts the failed attempts.
        monotonic: Clock in seconds that is never set back.
    """

    def __init__(
        self,
        run: RunInThread,
        attempts: LoginAttempts,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._attempts = attempts
        # One after the other: many at once would all begin before the first of them has failed.
        self._turn = BoundedSemaphore(1)
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._known: dict[bytes, float] = {}

    def find(
        self, directory: Directory, name: str, password: str, address: str
    ) -> Principal | None:
        """Return the principal of a user, None if the name or the password is wrong.

        It takes as long for an unknown name.

        Args:
            directory: The users.
            name: The name.
            password: The password.
            address: Address of the client, which must wait after failed attempts.

        Raises:
            TooManyRequests: Too many attempts have failed.
            ServiceUnavailable: Too many other checks wait.
        """
        user = directory.users.get(name)
        stored = None if user is None else user.password
        if not self._is_known(password, stored) and not self._check(
            name, password, stored, address
        ):
            return None
        return user and Principal("password", user.name, user.role, None, user.password)

    def hash(self, password: str) -> str:
        """Return the hash of a new password."""
        return self._run(lambda: hash_password(password))

    def _check(self, name: str, password: str, stored: str | None, address: str) -> bool:
        if not self._turn.acquire(timeout=_WAIT_SECONDS):
            raise ServiceUnavailable("too many logins at once: try again later")
        try:
            self._attempts.check(address, name)
            is_right = self._run(lambda: is_password(password, stored))
            if is_right:
                self._remember(password, stored)
            else:
                self._attempts.add_failure(address, name)
            return is_right
        finally:
            self._turn.release()

    def _is_known(self, password: str, stored: str | None) -> bool:
        return self._known.get(self._digest(password, stored), 0.0) > self._monotonic()

    def _remember(self, password: str, stored: str | None) -> None:
        if len(self._known) >= _MAX_REMEMBERED:
            self._known = {}
        self._known[self._digest(password, stored)] = self._monotonic() + _REMEMBERED_SECONDS

    def _digest(self, password: str, stored: str | None) -> bytes:
        text = f"{password}\0{stored}".encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._key).digest()
