"""Exclusive lock on a file. The system releases it when the process ends, even after a crash."""

import fcntl
import os
from pathlib import Path

from services.private_files import create_private_file, restrict_file


class FileLock:
    """A lock that one process holds at a time. The file stays after the release.

    Attributes:
        path: The file that is locked. Its folder must exist.
        descriptor: The open file while the lock is held, otherwise -1.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = -1

    @property
    def held(self) -> bool:
        """True while this object holds the lock."""
        return self.descriptor >= 0

    def acquire(self) -> bool:
        """Acquire the lock without waiting, and create the file if it is missing.

        Returns:
            False if another process, or another object of this process, holds the lock.

        Raises:
            OSError: The file can't be opened, or its permissions can't be changed.
        """
        if self.held:
            return True
        # Who can open the file can lock it, and so keep its owner out.
        create_private_file(self.path)
        restrict_file(self.path)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self.descriptor = descriptor
        return True

    def is_current(self) -> bool:
        """Return True if the path still names the locked file.

        A removed or replaced file can be locked by another process, so its old lock is worthless.

        Raises:
            OSError: The path can't be examined.
        """
        try:
            return self.held and os.path.samestat(self.path.stat(), os.fstat(self.descriptor))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Release the lock if it is held."""
        if self.held:
            os.close(self.descriptor)
            self.descriptor = -1


def is_locked(path: Path) -> bool:
    """Return True if a process holds the lock of a file.

    Raises:
        OSError: The file can't be opened. A missing file is not locked.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # A shared lock, so that several callers don't mistake each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
