"""The order of backups whose dates are wrong, and whose journals had several epochs."""

import sqlite3
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest

from services.reading import MICROSECONDS
from services.settings import Settings
from services.store.backup.backups import Backups
from services.store.backup.order import next_number, sort_newest_first
from tests.support.damaged_databases import NOW, DamagedDatabase, clock, write_text

TEN_YEARS = 315_360_000
ORDERS_OF_DATES = [*permutations((NOW + TEN_YEARS, NOW - 3_600, 60))]


@pytest.fixture
def backups(settings: Settings) -> Backups:
    return Backups(settings, clock)


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        for statement in statements:
            file.execute(statement)


def forget_numbers(*paths: Path) -> None:
    """Make backups like those of older versions, which had no number."""
    for path in paths:
        change(path, "PRAGMA user_version = 0")


def newest(backups: Backups) -> list[Path]:
    return [backup.path for backup in backups.list_newest_first()]


def test_backup_dated_ahead_does_not_replace_newer_readings(database: DamagedDatabase) -> None:
    database.back_up(NOW + TEN_YEARS)
    database.record(6_000)
    right = database.back_up(NOW - 3_600)
    write_text(database.path)
    recovery = database.recover()
    assert recovery is not None
    assert recovery.backup == right
    assert database.count() == 6_000


def test_recovery_says_that_date_of_its_backup_lies_ahead(database: DamagedDatabase) -> None:
    backup = database.back_up(NOW + TEN_YEARS)
    change(backup, "DELETE FROM journal_position")
    write_text(database.path)
    recovery = database.recover()
    assert "date of this backup lies ahead: check the clock" in str(recovery)
    ((start, end, _, _),) = database.gaps()
    # The date is wrong, so nobody knows when the loss began.
    assert (start, end) == (None, clock())


@pytest.mark.parametrize("dates", ORDERS_OF_DATES)
def test_oldest_state_is_deleted_whatever_the_dates_say(
    database: DamagedDatabase, backups: Backups, dates: tuple[int, ...]
) -> None:
    made = []
    for count, date in zip((5_001, 5_002, 5_003), dates, strict=True):
        database.record(count)
        made.append(database.back_up(date))
    assert newest(backups) == [made[2], made[1]]
    assert not made[0].exists()


@pytest.mark.parametrize("dates", ORDERS_OF_DATES)
def test_backup_of_later_epoch_is_newer_although_its_entries_count_from_one(
    database: DamagedDatabase, backups: Backups, dates: tuple[int, ...]
) -> None:
    made = [database.back_up(dates[0])]
    change(database.path, "UPDATE journal_position SET epoch = '0', n = 7")
    made.append(database.back_up(dates[1]))
    assert newest(backups) == made[::-1]
    change(database.path, "UPDATE journal_position SET epoch = 'zz', n = 1")
    made.append(database.back_up(dates[2]))
    assert newest(backups) == [made[2], made[1]]


def test_epoch_that_came_back_is_newer_than_the_one_between(
    database: DamagedDatabase, backups: Backups
) -> None:
    made = []
    for epoch in ("a", "b", "a"):
        change(database.path, f"UPDATE journal_position SET epoch = '{epoch}'")  # noqa: S608
        made.append(database.back_up(NOW))
    assert newest(backups) == [made[2], made[0]]


def test_backup_made_just_after_a_restore_is_older_than_a_fuller_one(
    database: DamagedDatabase, backups: Backups
) -> None:
    full = database.back_up(NOW - 60)
    change(database.path, "UPDATE journal_position SET n = n - 100")
    less = database.back_up(NOW)
    assert newest(backups) == [full, less]


def test_position_decides_between_backups_without_number(
    database: DamagedDatabase, backups: Backups
) -> None:
    older = database.back_up(NOW + TEN_YEARS)
    database.record(6_000)
    newer = database.back_up(NOW - 3_600)
    forget_numbers(older, newer)
    assert newest(backups) == [newer, older]


def test_date_ahead_counts_as_oldest_between_epochs_without_number(
    database: DamagedDatabase, backups: Backups
) -> None:
    older = database.back_up(NOW + TEN_YEARS)
    change(database.path, "UPDATE journal_position SET epoch = 'b', n = 1")
    newer = database.back_up(NOW - 3_600)
    forget_numbers(older, newer)
    assert newest(backups) == [newer, older]


def test_equal_positions_are_ordered_by_creation(
    database: DamagedDatabase, backups: Backups
) -> None:
    made = [database.back_up(date) for date in (NOW, NOW - 60)]
    assert newest(backups) == made[::-1]


@pytest.mark.parametrize(
    "advance",
    [
        "UPDATE journal_position SET n = n + 1 WHERE journal = 'lab:journal'",
        "UPDATE journal_position SET n = n + 1 WHERE journal = 'readings:journal'",
    ],
)
def test_positions_of_several_journals_count_together(
    database: DamagedDatabase, backups: Backups, advance: str
) -> None:
    change(database.path, "INSERT INTO journal_position VALUES ('lab:journal', 'x', '1-0', 1, 1)")
    older = database.back_up(NOW)
    change(database.path, advance)
    newer = database.back_up(NOW - 60)
    forget_numbers(older, newer)
    assert newest(backups) == [newer, older]


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE journal_position", "UPDATE journal_position SET n = 'many', epoch = x'ff00'"],
)
def test_backup_with_strange_contents_is_listed(
    database: DamagedDatabase, backups: Backups, statement: str
) -> None:
    strange, sound = database.back_up(NOW), database.back_up(NOW - 60)
    change(strange, statement)
    assert newest(backups) == [sound, strange]


def test_file_that_is_no_database_is_the_oldest(
    database: DamagedDatabase, backups: Backups
) -> None:
    sound, bad = database.back_up(NOW - 7_200), database.back_up(NOW)
    write_text(bad)
    assert newest(backups) == [sound, bad]
    assert database.back_up(NOW - 60).exists()
    assert not bad.exists()


def test_date_ahead_counts_as_oldest_between_files_that_cannot_be_read(
    database: DamagedDatabase, backups: Backups
) -> None:
    made = [database.back_up(date) for date in (NOW + TEN_YEARS, NOW - 3_600)]
    for path in made:
        write_text(path)
    assert newest(backups) == made[::-1]


def test_largest_number_is_not_exceeded(database: DamagedDatabase, backups: Backups) -> None:
    change(database.back_up(NOW), f"PRAGMA user_version = {2**31 - 1}")
    assert next_number(backups.list_unordered()) == 2**31 - 1


def test_small_difference_of_clocks_is_not_ahead(
    database: DamagedDatabase, settings: Settings
) -> None:
    database.back_up(NOW + 600)
    assert Backups(settings, clock).list_dated_ahead() == []
    earlier = Backups(settings, lambda: (NOW - 1) * MICROSECONDS)
    assert len(earlier.list_dated_ahead()) == 1


def test_nothing_has_an_order() -> None:
    assert sort_newest_first([], NOW) == []
    assert next_number([]) == 1
