"""Check of access: who may reach the page, with which passwords and tokens."""

from collections.abc import Iterator
from typing import Final

from services.cli.access_rows import count_text
from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.network_exposure import is_loopback
from services.passwords import is_password
from services.reading import MICROSECONDS
from services.settings import Settings
from services.store import AccessReader, AccessRecords, StoredToken, StoredUser, reading_engine
from services.units import format_duration

_MAX_UNUSED_SECONDS: Final = 90 * 86_400.0
"""Age from which a token that nobody used is reported."""

_MAX_NAMES: Final = 5
_MAX_PROXIES: Final = 16
"""Number of addresses in one network from which somebody may name the user."""

_COMMON_PASSWORDS: Final = ("password", "12345678", "123456789", "qwerty123", "stripchart")
"""A few, since each guess takes a twentieth of a second."""

_ADD_ADMIN: Final = "add one: `stripchart user add NAME --role admin`"


def check_access(examination: Examination, finding: Finding) -> None:
    """Check that strangers have to log in, and look for access that nobody may need."""
    settings = examination.settings
    records = AccessReader(reading_engine(settings)).read()
    if not records.has_users:
        _check_open(settings, finding)
        return
    finding.fact(
        f"everybody has to log in: {count_text(records.users, 'user')},"
        f" {count_text(records.tokens, 'token')}, {count_text(records.shares, 'share link')}"
    )
    if settings.anonymous:
        finding.fact("everybody may look (STRIPCHART_ANONYMOUS=view)")
    wide = [str(each) for each in settings.proxy_networks if each.num_addresses > _MAX_PROXIES]
    if settings.proxy_user_header and wide:
        finding.warn(
            f"whoever connects from {_shorten(wide)} can be any user, by"
            f" {settings.proxy_user_header}",
            "list the addresses of the proxies alone in STRIPCHART_PROXY_NETWORKS",
        )
    if settings.open_network:
        finding.warn(
            "STRIPCHART_OPEN_NETWORK=yes would open the page if the last user was removed",
            "unset it",
        )
    roles = {user.role for user in records.users} | {token.role for token in records.tokens}
    if "admin" not in roles:
        finding.warn("nobody has the role admin", _ADD_ADMIN)
    _check_tokens(records, examination.now, finding)
    if examination.thorough:
        for user in records.users:
            _check_password(user, finding)


def _check_open(settings: Settings, finding: Finding) -> None:
    """Report who can use the page while there are no users and no tokens."""
    if settings.proxy_user_header:
        finding.warn("everybody is refused until there is a user", _ADD_ADMIN)
    elif not is_loopback(settings.host):
        finding.warn("everybody on the network may read and write", _ADD_ADMIN)
    elif settings.public_url or settings.allowed_hosts or settings.base_path:
        finding.warn(
            "whoever reaches the page through a proxy may read and write,"
            " unless the proxy asks for a login",
            _ADD_ADMIN,
        )
    else:
        finding.fact("nobody has to log in: only this machine reaches the page")


def _check_tokens(records: AccessRecords, now_seconds: float, finding: Finding) -> None:
    now = int(now_seconds * MICROSECONDS)
    ended = [each.name for each in records.tokens if _has_ended(each.expires_at, now)]
    valid = [each for each in records.tokens if not _has_ended(each.expires_at, now)]
    if ended:
        finding.fact(f"tokens that have ended: {_shorten(ended)}")
    unused = [each.name for each in valid if _is_unused(each, now)]
    if unused:
        finding.warn(
            f"tokens not used for {format_duration(_MAX_UNUSED_SECONDS)}: {_shorten(unused)}",
            "revoke what nobody needs: `stripchart token revoke NAME`",
        )
    endless = [each for each in valid if each.expires_at is None]
    admins = [each.name for each in endless if each.role == "admin"]
    others = [each.name for each in endless if each.role != "admin"]
    if admins:
        finding.warn(
            f"tokens of an admin without an end: {_shorten(admins)}",
            "make another one with --expires, and revoke this one",
        )
    if others:
        finding.fact(f"tokens without an end: {_shorten(others)}")
    shares = [each.title for each in records.shares if each.expires_at is None]
    if shares:
        finding.fact(f"share links without an end: {_shorten(shares)}")


def _check_password(user: StoredUser, finding: Finding) -> None:
    guesses = (*_COMMON_PASSWORDS, *_variants(user.name))
    if any(is_password(guess, user.password) for guess in guesses):
        finding.fail(
            f"the password of {user.name} is one of the first that an attacker tries",
            f"set another: `stripchart user password {user.name}`",
        )


def _variants(name: str) -> Iterator[str]:
    for word in dict.fromkeys((name, name.capitalize())):
        yield from (word, f"{word}123")


def _has_ended(expires_at: int | None, now: int) -> bool:
    return expires_at is not None and expires_at <= now


def _is_unused(token: StoredToken, now: int) -> bool:
    last = token.created_at if token.used_at is None else token.used_at
    return now - last > _MAX_UNUSED_SECONDS * MICROSECONDS


def _shorten(names: list[str]) -> str:
    """Return the first names, and the number of the others."""
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(names[:_MAX_NAMES]) + more
