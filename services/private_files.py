"""Files and folders that only their owner can read.

A folder with the setgid bit (`chmod g+s`) is meant for its group, so files in it can be read and
written by the group too.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

_OWNER_ONLY: Final = 0o600
_WITH_GROUP: Final = 0o660
_FOLDER: Final = 0o700


def make_private_folder(folder: Path) -> None:
    """Create a folder and those above it, unless they exist. Existing ones are left unchanged.

    Raises:
        OSError: A folder can't be created.
    """
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(_FOLDER, exist_ok=True)
    # A file in its place is an error.
    folder.mkdir(_FOLDER, exist_ok=True)


def create_private_file(path: Path) -> None:
    """Create an empty file, unless the file exists.

    Raises:
        OSError: The file can't be created.
    """
    # An existing file must not be opened: closing it would release SQLite's locks on it.
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
        os.close(descriptor)
        path.chmod(_mode_in(path.parent))


def replace_private_file(path: Path, text: str) -> None:
    """Write a file, which replaces an existing one in one step.

    Raises:
        OSError: The file can't be written.
    """
    new = path.with_name(f"{path.name}.new")
    # A file that a killed process has left may have another mode, or be a link.
    new.unlink(missing_ok=True)
    create_private_file(new)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def restrict_file(path: Path) -> None:
    """Remove the permissions of others from a file of ours. A missing file is ignored.

    Raises:
        OSError: The permissions can't be changed.
    """
    with suppress(FileNotFoundError):
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return
        mode = stat.S_IMODE(status.st_mode)
        restricted = mode & _mode_in(path.parent)
        if restricted != mode:
            path.chmod(restricted)


def _mode_in(folder: Path) -> int:
    return _WITH_GROUP if folder.stat().st_mode & stat.S_ISGID else _OWNER_ONLY
