"""Whether the file system that a database lies on keeps it safe.

SQLite's write-ahead log needs memory that all programs share and locks that hold between them. A
file system whose files are also changed from elsewhere has neither, and damages the database in
silence.
"""

import re
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import SettingError

_MOUNTS: Final = Path("/proc/self/mountinfo")
_UNSAFE: Final = frozenset({
    "9p", "afs", "ceph", "cifs", "coda", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
    "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
# `fuseblk`, a disk of this machine, is no such type. Rootless containers live on the one here.
_FUSE: Final = re.compile(r"fuse(\..+)?")
_SAFE_FUSE: Final = frozenset({"fuse.fuse-overlayfs"})

# Where a line of the table has the folder; characters that would break the line are octal numbers.
_FOLDER: Final = 4
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """Where a file system is mounted, and of which type it is."""

    folder: Path
    kind: str

    @property
    def is_safe(self) -> bool:
        """Whether a database can be kept on it."""
        if self.kind in _SAFE_FUSE:
            return True
        return self.kind not in _UNSAFE and _FUSE.fullmatch(self.kind) is None


def check_file_system(database: Path, mounts: Path | None = None) -> None:
    """Raises SettingError where the database must not be kept.

    database: its path, behind all links; the file need not be there. mounts: the table of what
    is mounted, this machine's by default. Where there is none, nothing is known or refused.
    """
    try:
        table = (mounts or _MOUNTS).read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return
    mount = mount_of(database, table)
    if mount is not None and not mount.is_safe:
        raise SettingError(
            f"{database} is on a file system of the type {mount.kind} (mounted at {mount.folder}),"
            " which damages SQLite databases that several programs have open",
            "set DATA_DIR to a folder on a disk of this machine, in Docker to a named volume",
        )


def mount_of(path: Path, table: str) -> Mount | None:
    """The mount that an absolute path is on, after a table in the form of Linux' mountinfo."""
    found = None
    for line in table.split("\n"):
        mount = _parsed(line)
        # Of two at one folder the later one hides the earlier.
        if mount is not None and path.is_relative_to(mount.folder):
            deeper = found is None or len(mount.folder.parts) >= len(found.folder.parts)
            found = mount if deeper else found
    return found


def _parsed(line: str) -> Mount | None:
    where, separator, what = line.partition(" - ")
    places, kinds = where.split(" "), what.split(" ")
    if not separator or len(places) <= _FOLDER:
        return None
    return Mount(Path(_unescaped(places[_FOLDER])), kinds[0])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)
