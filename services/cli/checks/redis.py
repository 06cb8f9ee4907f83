"""Checks of Redis, of the journal in it, and of the writer that follows the journal."""

import re
from typing import Final
from urllib.parse import urlsplit

from services.broker import Journal
from services.broker.diagnostics import (
    RedisInfo,
    check_rights,
    read_lease_holder,
    read_redis_info,
)
from services.broker.flush_delay import FlushDelay
from services.broker.lag import MAX_LAG_SECONDS, Lag, LagTimer, read_lag, redis_clock
from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.errors import BrokerRefusedError, BrokerUnavailableError, JournalFullError
from services.network_exposure import is_loopback
from services.redis_address import without_password
from services.store import database_path
from services.store.sqlite.writer_lock import read_identity
from services.units import format_bytes, format_duration

_MIN_VERSION: Final = (6, 2)
_MAX_MEMORY_SHARE: Final = 0.9
_MAX_LAG_SHARE: Final = 0.5
_MAX_CLOCK_DIFFERENCE_SECONDS: Final = 2.0
_START_WRITER: Final = "start it: `stripchart up`, or `stripchart writer`"


def check_redis(examination: Examination, finding: Finding) -> None:
    """Check that Redis answers, and that its configuration protects unstored readings."""
    try:
        examination.broker.ping()
    except BrokerUnavailableError as error:
        finding.error(error)
        return
    examination.redis_answers = True
    url = without_password(examination.settings.redis_url)
    try:
        server = read_redis_info(examination.broker)
    except BrokerRefusedError as error:
        finding.fact(f"it answers at {url}")
        finding.warn(f"version, memory and persistence are not known: {error.args[0]}", error.hint)
        _check_use(examination, finding)
        return
    if server is None:
        finding.warn("a stand-in that keeps nothing on disk", "install redis-server")
        return
    finding.fact(f"{server.name} {server.version} at {url}")
    # Valkey's own versions begin after Redis 7.2.
    version = tuple(map(int, re.findall(r"\d+", server.version)[:2]))
    if version < _MIN_VERSION:
        finding.fail("this version is too old", "install Redis 6.2 or newer, or Valkey")
    _check_use(examination, finding)
    _check_login(examination.settings.redis_url, finding)
    _check_memory(server, examination.settings.journal_max_bytes, finding)
    _check_persistence(server, finding)
    if abs(server.clock_ahead_seconds) > _MAX_CLOCK_DIFFERENCE_SECONDS:
        side = "ahead of" if server.clock_ahead_seconds > 0 else "behind"
        difference = format_duration(abs(server.clock_ahead_seconds))
        finding.warn(f"its clock is {difference} {side} this machine's", "set both clocks by NTP")


def check_journal(examination: Examination, finding: Finding) -> None:
    """Check which part of the journal's bound the lag takes."""
    journal, settings = examination.journal, examination.settings
    if journal.epoch is None:
        finding.warn("there is no journal yet", "the first reading creates it")
        return
    finding.fact(f"{journal.entries:,} entries, {format_bytes(journal.size_bytes)}")
    lag = _read_lag(examination)
    if lag is None:
        finding.fact("the number of entries that are not stored yet is not known")
    else:
        share = lag.share(settings.journal_max_entries, settings.journal_max_bytes)
        text = f"{lag.entries:,} not stored yet, {share:.0%} of the bound"
        if share > _MAX_LAG_SHARE:
            finding.warn(text, "check the writer: at the bound, publishing is refused")
        else:
            finding.fact(text)
    if journal.newest is not None:
        seconds = max(0.0, examination.now - journal.newest.milliseconds / 1000)
        finding.fact(f"the newest is {format_duration(seconds)} old")


def check_writer(examination: Examination, finding: Finding) -> None:
    """Check that the writer of this database runs and follows the journal."""
    holder = read_lease_holder(examination.broker)
    if holder is None:
        finding.fail("no writer is running", _START_WRITER)
    elif holder != read_identity(database_path(examination.settings)):
        finding.warn(
            "the writer of another database holds the lease",
            "use one Redis for one Stripchart only, or set another CHANNEL",
        )
    else:
        finding.fact("it holds the lease")
    database = examination.database_or_none
    if database is None or examination.journal.epoch is None:
        return
    checkpoint = database.checkpoint
    if checkpoint is None or checkpoint.cursor.epoch != examination.journal.epoch:
        finding.fail("it has not stored anything from the present journal", "see its log")
        return
    snapshot = Journal(examination.broker).read(checkpoint.cursor.entry, 1)
    age = LagTimer(redis_clock(examination.broker)).seconds(
        snapshot.entries[0].id if snapshot.entries else None, snapshot.last
    )
    # An entry is late only when its commit was due.
    seconds = age - FlushDelay(examination.broker, if_unknown=True).seconds()
    if seconds > MAX_LAG_SECONDS:
        finding.fail(f"it is {format_duration(seconds)} behind the journal", "see its log")
    else:
        finding.fact("it is up to date")


def _check_use(examination: Examination, finding: Finding) -> None:
    """Check that our processes can write, run scripts and subscribe as this user."""
    try:
        examination.broker.check_writes()
        check_rights(examination.broker)
    except (BrokerUnavailableError, JournalFullError) as error:
        finding.error(error)


def _check_login(url: str, finding: Finding) -> None:
    """Check that a Redis that other machines may reach asks for a password."""
    parts = urlsplit(url)
    if parts.hostname and not parts.password and not is_loopback(parts.hostname):
        finding.warn(
            "whoever reaches it may change everything, as it asks for no password",
            "give each process a user: `stripchart redis-users`",
        )


def _check_memory(server: RedisInfo, journal_max_bytes: int, finding: Finding) -> None:
    limit = f" of {format_bytes(server.max_bytes)}" if server.max_bytes else ""
    finding.fact(f"memory {format_bytes(server.used_bytes)}{limit}")
    if not server.max_bytes:
        return
    if server.eviction_policy != "noeviction":
        finding.fail(
            f"maxmemory-policy is {server.eviction_policy}, which deletes unstored readings",
            "set maxmemory-policy noeviction",
        )
    if server.used_bytes > _MAX_MEMORY_SHARE * server.max_bytes:
        finding.warn("its memory is nearly full", "raise maxmemory")
    elif server.max_bytes < journal_max_bytes:
        finding.warn(
            f"maxmemory is less than the journal's bound of {format_bytes(journal_max_bytes)}",
            "raise maxmemory, or lower STRIPCHART_JOURNAL_MAX_BYTES",
        )


def _check_persistence(server: RedisInfo, finding: Finding) -> None:
    if not server.can_save:
        finding.fail("it can't write to its disk", "see its log and the free space on that disk")
    if server.append_only:
        finding.fact("append-only file on")
    else:
        finding.warn(
            "append-only file off: unstored readings are lost when Redis ends",
            "set appendonly yes",
        )


def _read_lag(examination: Examination) -> Lag | None:
    """Return the entries that the database has not stored yet, or None if that is not known."""
    database = examination.database_or_none
    checkpoint = None if database is None else database.checkpoint
    if checkpoint is None or checkpoint.cursor.epoch != examination.journal.epoch:
        return None
    return read_lag(examination.broker, checkpoint.cursor.entry)
