"""The parts of access control in a web process, put together."""

from typing import NamedTuple, cast

from limits.storage import MemoryStorage

from services.access import Role
from services.broker import Broker, Journal
from services.broker.shared_limits import shared_limit_storage
from services.network_exposure import is_loopback
from services.settings import Settings
from services.store import AccessReader, Reader
from services.web.access.control import AccessControl, AccessRules
from services.web.access.directory import AccessDirectory, AccessSnapshot
from services.web.access.login_attempts import LoginAttempts
from services.web.access.password_checks import PasswordChecks
from services.web.access.proxies import TrustedProxies
from services.web.access.request_limits import RequestLimits
from services.web.access.token_uses import TokenUses
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


def make_access_parts(
    settings: Settings, broker: Broker, journal: Journal, access: AccessReader, reader: Reader
) -> AccessParts:
    """Make the parts of access control.

    Args:
        settings: What everybody may do.
        broker: Counts failed logins.
        journal: Takes the records of tokens that are used.
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
        # If a proxy logs people in, the server is not for this machine alone.
        is_open_without_users=not settings.proxy_user_header
        and (settings.open_network or is_loopback(settings.host)),
        proxies=TrustedProxies(settings.proxy_networks, settings.proxy_user_header),
    )
    attempts = LoginAttempts([shared_limit_storage(broker), MemoryStorage()])
    passwords = PasswordChecks(checking.run, attempts)
    token_uses = TokenUses(lambda command: journal.send_commands([command]))
    control = AccessControl(
        directory,
        passwords.find,
        rules,
        token_uses,
        RequestLimits(settings.requests_per_minute),
    )
    return AccessParts(directory, control, passwords)
