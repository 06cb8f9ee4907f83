"""The parts of access control in a web process, put together."""

from typing import NamedTuple, cast

from services.access import Role
from services.network_exposure import is_loopback
from services.settings import Settings
from services.store import AccessReader, Reader
from services.web.access.control import AccessControl, AccessRules
from services.web.access.directory import AccessDirectory, AccessSnapshot
from services.web.access.password_checks import PasswordChecks
from services.web.http.shared_call import SharedCall
from services.web.http.threads import Threads


class AccessParts(NamedTuple):
    """The parts of access control.

    Attributes:
        directory: What gives access, as this process knows it.
        control: Finds the principal of each request.
        passwords: Finds users by name and password.
    """

    directory: AccessDirectory
    control: AccessControl
    passwords: PasswordChecks


def make_access_parts(settings: Settings, access: AccessReader, reader: Reader) -> AccessParts:
    """Make the parts of access control.

    Args:
        settings: What everybody may do.
        access: Queries for what gives access.
        reader: Tells how far the journal is in the database.
    """
    # One thread for each: a slow check of a password must not hold up what reads the database.
    reading, checking = Threads(1), Threads(1)

    def read() -> AccessSnapshot:
        # The position comes first: the records may be newer, never older.
        return AccessSnapshot(reader.cursor(), access.read())

    shared = SharedCall(lambda: reading.run(read), takes_turn=False)
    directory = AccessDirectory(shared.result)
    rules = AccessRules(
        cast("Role", settings.anonymous) if settings.anonymous else None,
        is_open_without_users=settings.open_network or is_loopback(settings.host),
    )
    passwords = PasswordChecks(checking.run)
    control = AccessControl(directory, passwords.find, rules)
    return AccessParts(directory, control, passwords)
