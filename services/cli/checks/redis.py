"""Redis, the journal in it, and the writer that follows the journal."""

import re
from typing import Final

from services.broker import Journal
from services.broker.diagnostics import RedisInfo, read_lease_holder, read_redis_info
from services.broker.lag import MAX_LAG_SECONDS, Lag, LagTimer, read_lag
from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.cli.supervise.redis_address import without_password
from services.errors import BrokerUnavailableError
from services.store import database_path
from services.store.disk import duration, in_words
from services.store.sqlite.writer_lock import identity_of

_OLDEST: Final = (6, 2)
_FULL: Final = 0.9
_FILLING: Final = 0.5
_CLOCK_SECONDS: Final = 2.0
_DAY_SECONDS: Final = 86_400
_START: Final = "start it: `stripchart up`, or `stripchart writer`"


def check_redis(case: Examination, finding: Finding) -> None:
    """Whether Redis answers, and is set up to keep what it takes."""
    try:
        case.broker.ping()
    except BrokerUnavailableError as error:
        finding.fail(str(error), "start it, or set REDIS_URL")
        return
    case.redis_answers = True
    server = read_redis_info(case.broker)
    if server is None:
        finding.warn("a stand-in that keeps nothing on disk", "install redis-server")
        return
    where = without_password(case.settings.redis_url)
    finding.fact(f"{server.name} {server.version} at {where}")
    # Valkey counts its own versions on from Redis 7.2.
    found = tuple(map(int, re.findall(r"\d+", server.version)[:2]))
    if found < _OLDEST:
        finding.fail("this version is too old", "install Redis 6.2 or newer, or Valkey")
    if server.is_replica:
        finding.fail("it is a replica, and takes nothing", "set REDIS_URL to its primary")
    _check_memory(server, case.settings.journal_max_bytes, finding)
    _check_keeping(server, finding)
    if abs(server.clock_ahead_seconds) > _CLOCK_SECONDS:
        side = "ahead of" if server.clock_ahead_seconds > 0 else "behind"
        apart = duration(abs(server.clock_ahead_seconds) / _DAY_SECONDS)
        finding.warn(f"its clock is {apart} {side} this machine's", "set both by NTP")


def _check_memory(server: RedisInfo, bound: int, finding: Finding) -> None:
    limit = f" of {in_words(server.max_bytes)}" if server.max_bytes else ""
    finding.fact(f"memory {in_words(server.used_bytes)}{limit}")
    if not server.max_bytes:
        return
    if server.eviction_policy != "noeviction":
        finding.fail(
            f"maxmemory-policy is {server.eviction_policy}, which deletes what is not stored yet",
            "set maxmemory-policy noeviction",
        )
    if server.used_bytes > _FULL * server.max_bytes:
        finding.warn("its memory is nearly full", "raise maxmemory")
    elif server.max_bytes < bound:
        finding.warn(
            f"maxmemory is less than the {in_words(bound)} that the journal may take",
            "raise maxmemory, or lower STRIPCHART_JOURNAL_MAX_BYTES",
        )


def _check_keeping(server: RedisInfo, finding: Finding) -> None:
    if not server.can_save:
        finding.fail("it can't write to its disk", "see its log, and the room on that disk")
    if server.append_only:
        finding.fact("append-only file on")
    else:
        finding.warn(
            "append-only file off: what is not stored yet is lost when Redis ends",
            "set appendonly yes",
        )


def check_journal(case: Examination, finding: Finding) -> None:
    """How much of its bound the journal takes, and how much of that is not stored yet."""
    journal, settings = case.journal, case.settings
    if journal.epoch is None:
        finding.warn("there is none yet", "the first reading makes it")
        return
    finding.fact(f"{journal.entries:,} entries, {in_words(journal.size_bytes)}")
    lag = _lag(case)
    if lag is None:
        finding.fact("how many of them are not stored is not known")
    else:
        share = lag.share(settings.journal_max_entries, settings.journal_max_bytes)
        text = f"{lag.entries:,} not stored yet, {share:.0%} of the bound"
        if share > _FILLING:
            finding.warn(text, "at the bound publishing is refused: see the writer")
        else:
            finding.fact(text)
    if journal.newest is not None:
        seconds = max(0.0, case.now - journal.newest.milliseconds / 1000)
        finding.fact(f"the newest is {_age(seconds)} old")


def check_writer(case: Examination, finding: Finding) -> None:
    """Whether a writer of this database is there and follows the journal."""
    holder = read_lease_holder(case.broker)
    mine = identity_of(database_path(case.settings))
    if holder is None:
        finding.fail("no writer is running", _START)
    elif holder != mine:
        finding.warn(
            "the writer of another database holds the lease",
            "run one Stripchart on one Redis, or set another CHANNEL",
        )
    else:
        finding.fact("it holds the lease")
    if case.survey is None or case.journal.epoch is None:
        return
    position = case.survey.position
    if position is None or position[0].epoch != case.journal.epoch:
        finding.fail("it has not begun with the journal that there is", "see its log")
        return
    uncommitted = Journal(case.broker).read(position[0].entry, 1).entries
    seconds = LagTimer().seconds(uncommitted[0].id if uncommitted else None)
    if seconds > MAX_LAG_SECONDS:
        finding.fail(f"it is {_age(seconds)} behind the journal", "see its log")
    else:
        finding.fact("it is up to date")


def _lag(case: Examination) -> Lag | None:
    """Return the entries that the database does not hold yet, None if that is not known."""
    position = case.survey.position if case.survey is not None else None
    if position is None or position[0].epoch != case.journal.epoch:
        return None
    return read_lag(case.broker, position[0].entry)


def _age(seconds: float) -> str:
    return duration(seconds / _DAY_SECONDS)
