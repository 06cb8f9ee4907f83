"""Check that a database is on a file system that is safe for it.

SQLite's write-ahead log needs memory that all programs share, and locks that all programs see. A
file system whose files are also changed on other machines has neither, and damages the database
silently.
"""

import re
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import SettingError

MOUNT_TABLE: Final = Path("/proc/self/mountinfo")

_UNSAFE: Final = frozenset({
    "9p", "afs", "ceph", "cifs", "coda", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
    "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
# This does not match `fuseblk`, which is a local disk. Rootless containers use fuse-overlayfs.
_FUSE: Final = re.compile(r"fuse(\..+)?")
_SAFE_FUSE: Final = frozenset({"fuse.fuse-overlayfs"})

_FOLDER_COLUMN: Final = 4
# Characters that would break a line of the table are written as octal numbers.
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """A mounted file system: its folder, and its type."""

    folder: Path
    kind: str

    @property
    def is_safe(self) -> bool:
        """True if a database can be kept on it."""
        if self.kind in _SAFE_FUSE:
            return True
        return self.kind not in _UNSAFE and _FUSE.fullmatch(self.kind) is None


def check_file_system(database: Path, mount_table: Path | None = None) -> None:
    """Check the file system of a database. Without a mount table every one is accepted.

    Args:
        database: Path of the database with all links resolved. The file need not exist.
        mount_table: File in the format of Linux' mountinfo; None for this machine's.

    Raises:
        SettingError: The file system would damage the database.
    """
    try:
        text = (mount_table or MOUNT_TABLE).read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return
    mount = find_mount(database, text)
    if mount is not None and not mount.is_safe:
        raise SettingError(
            f"{database} is on a file system of the type {mount.kind} (mounted at {mount.folder}),"
            " which damages SQLite databases that several programs have open",
            "set DATA_DIR to a folder on a disk of this machine, in Docker to a named volume",
        )


def find_mount(path: Path, mount_table: str) -> Mount | None:
    """Return the mount that contains an absolute path, None if the table has none.

    Args:
        path: The path.
        mount_table: Text in the format of Linux' mountinfo.
    """
    deepest = None
    for line in mount_table.split("\n"):
        mount = _parse_line(line)
        # Of two mounts at one folder, the later one hides the earlier one.
        if mount is not None and path.is_relative_to(mount.folder):
            deeper = deepest is None or len(mount.folder.parts) >= len(deepest.folder.parts)
            deepest = mount if deeper else deepest
    return deepest


def _parse_line(line: str) -> Mount | None:
    mount_columns, separator, type_columns = line.partition(" - ")
    columns, kinds = mount_columns.split(" "), type_columns.split(" ")
    if not separator or len(columns) <= _FOLDER_COLUMN:
        return None
    return Mount(Path(_unescape(columns[_FOLDER_COLUMN])), kinds[0])


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)
