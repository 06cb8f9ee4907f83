"""Users found by name and password."""

from collections.abc import Callable
from typing import TypeVar

import gevent
import pytest
from limits.storage import MemoryStorage
from werkzeug.exceptions import TooManyRequests

from services.passwords import hash_password
from services.store import AccessRecords, StoredUser
from services.web.access.directory import Directory
from services.web.access.login_attempts import LoginAttempts
from services.web.access.password_checks import PasswordChecks

PASSWORD = "correct horse"  # noqa: S105 (no real one)


T = TypeVar("T")


class Thread:
    """Counts what it runs."""

    def __init__(self) -> None:
        self.runs = 0
        self.seconds = 0.0

    def run(self, function: Callable[[], T], /) -> T:
        self.runs += 1
        return function()

    def checks(self) -> PasswordChecks:
        attempts = LoginAttempts([MemoryStorage()])
        return PasswordChecks(self.run, attempts, lambda: self.seconds)


@pytest.fixture(scope="module")
def anna() -> StoredUser:
    return StoredUser("anna", "write", hash_password(PASSWORD), 1)


def directory(*users: StoredUser) -> Directory:
    return Directory.of_records(AccessRecords(users))


def test_right_password_is_checked_once_in_five_minutes(anna: StoredUser) -> None:
    thread = Thread()
    checks = thread.checks()
    for seconds in (0.0, 1.0, 299.0):
        thread.seconds = seconds
        found = checks.find(directory(anna), "anna", PASSWORD, "")
        assert found is not None
        assert (found.kind, found.name, found.role) == ("password", "anna", "write")
    assert thread.runs == 1
    thread.seconds = 301.0
    assert checks.find(directory(anna), "anna", PASSWORD, "") is not None
    assert thread.runs == 2


def test_wrong_password_or_name_takes_a_check_each_time(anna: StoredUser) -> None:
    thread = Thread()
    checks = thread.checks()
    for name, password in (("anna", "wrong"), ("anna", "wrong"), ("ben", PASSWORD)):
        assert checks.find(directory(anna), name, password, "") is None
    assert thread.runs == 3


def test_guesses_that_arrive_together_are_checked_one_after_the_other(anna: StoredUser) -> None:
    class SlowThread(Thread):
        def run(self, function: Callable[[], T], /) -> T:
            gevent.sleep(0)  # Others go on meanwhile.
            return super().run(function)

    thread = SlowThread()
    checks = thread.checks()

    def guess(number: int) -> bool:
        try:
            return checks.find(directory(anna), "anna", f"guess {number}", "192.0.2.1") is not None
        except TooManyRequests:
            return False

    guesses = [gevent.spawn(guess, number) for number in range(12)]
    gevent.joinall(guesses)
    assert not any(each.value for each in guesses)
    assert thread.runs == 5


def test_old_password_is_forgotten_with_a_new_one(anna: StoredUser) -> None:
    checks = Thread().checks()
    found = checks.find(directory(anna), "anna", PASSWORD, "")
    assert found is not None
    changed = directory(anna._replace(password=hash_password("another horse")))
    assert checks.find(changed, "anna", PASSWORD, "") is None
    assert changed.find_again(found, 1) is None
    assert directory(anna._replace(role="view")).find_again(found, 1) == found._replace(role="view")
    assert directory().find_again(found, 1) is None
