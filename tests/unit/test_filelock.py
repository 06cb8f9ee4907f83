"""Exclusive file locks."""

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from services.filelock import FileLock, is_locked


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.lock"


def test_second_lock_is_refused_until_first_is_released(path: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    assert first.acquire()
    assert not second.acquire()
    assert not second.held
    first.release()
    assert second.acquire()
    second.release()
    assert path.exists()


def test_lock_can_be_looked_at_without_taking_it(path: Path) -> None:
    lock = FileLock(path)
    assert not is_locked(path)
    assert lock.acquire()
    assert is_locked(path)
    lock.release()
    assert not is_locked(path)
    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not is_locked(path), "somebody else looks too"
    assert lock.acquire()
    lock.release()


def test_acquire_twice_keeps_lock(path: Path) -> None:
    lock = FileLock(path)
    assert lock.acquire()
    assert lock.acquire()
    assert lock.held
    lock.release()
    assert not lock.held


def test_lock_of_ended_process_is_free(path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from services.filelock import FileLock\n"
        "assert FileLock(Path(sys.argv[1])).acquire(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    lock = FileLock(path)
    assert lock.acquire()
    lock.release()


def test_removed_or_replaced_file_is_not_current(path: Path) -> None:
    lock = FileLock(path)
    assert not lock.is_current()
    assert lock.acquire()
    assert lock.is_current()
    path.unlink()
    assert not lock.is_current()
    path.touch()
    assert not lock.is_current()
    lock.release()


def test_missing_folder_raises_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "missing" / "a.lock").acquire()


def test_lock_file_is_private_also_if_it_was_not(path: Path) -> None:
    for lock in (FileLock(path), FileLock(path)):
        assert lock.acquire()
        assert path.stat().st_mode & 0o777 == 0o600
        lock.release()
        path.chmod(0o644)


def test_lock_file_in_setgid_folder_is_shared_with_its_group(path: Path) -> None:
    path.parent.chmod(0o2770)
    lock = FileLock(path)
    assert lock.acquire()
    assert path.stat().st_mode & 0o777 == 0o660
    lock.release()
