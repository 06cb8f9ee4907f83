"""Repair of an append-only file of Redis whose end was damaged.

After a power failure there can be zeros or fragments behind the last command that reached the
disk. Redis then refuses to start. It can check its file, but repairs it only for a person.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final, NamedTuple

from services.errors import StripchartError
from services.private_files import create_private_file

UNRECORDED_CUT: Final = "cut.unrecorded"
"""A file that is there until the writer can learn of the cut, also if we are killed meanwhile.

It also stands for a power cut, after which the end of the file may be missing.
"""

_SINGLE_FILE: Final = "appendonly.aof"
_FOLDER: Final = "appendonlydir"
_MANIFEST: Final = "appendonly.aof.manifest"
_NEWEST_FILE: Final = re.compile(r"^file (\S+) seq \d+ type i\b", re.M)
_SOUND_BYTES: Final = re.compile(r"\bok_up_to=(\d+)")


class CutFile(NamedTuple):
    """Report about a file whose damaged end was cut.

    Attributes:
        path: The file.
        cut_bytes: The bytes that were cut.
        copy: The file as it was before.
    """

    path: Path
    cut_bytes: int
    copy: Path

    def __str__(self) -> str:
        return (
            f"the end of {self.path} was damaged, as after a power failure:"
            f" {self.cut_bytes:,} bytes were cut; the file as it was is {self.copy}"
        )


def cut_damaged_end(program: str, data: Path) -> CutFile | None:
    """Cut the newest append-only file after its last whole command or transaction.

    Args:
        program: The server that wrote it. It checks the file.
        data: The folder of its data.

    Returns:
        None if nothing was changed: the end of the newest file is sound, or nothing else of it.

    Raises:
        StripchartError: The file can't be copied or cut.
    """
    path = _find_newest(data)
    if path is None:
        return None
    sound_bytes = _count_sound_bytes(program, path)
    cut_bytes = path.stat().st_size - sound_bytes
    if not cut_bytes or (path.name == _SINGLE_FILE and not sound_bytes):
        return None
    copy = data / f"{path.name}.aside-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
    try:
        _copy(path, copy)
        (data / UNRECORDED_CUT).touch(0o600)
        os.truncate(path, sound_bytes)
        _sync(path)
    except OSError as error:
        raise StripchartError(
            f"the damaged end of {path} can't be cut: {error}", "make room on that disk"
        ) from error
    return CutFile(path, cut_bytes, copy)


def _find_newest(data: Path) -> Path | None:
    """Return the file that the server appended to, or None if there is none."""
    folder = data / _FOLDER
    try:
        names = _NEWEST_FILE.findall((folder / _MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        # Before version 7 there is one file.
        single = data / _SINGLE_FILE
        return single if single.exists() else None
    return folder / names[-1] if names else None


def _count_sound_bytes(program: str, path: Path) -> int:
    """Return the bytes up to the end of the last whole command or transaction.

    That is the whole file if the server can't say, because more is damaged than the commands.
    """
    # Every server checks files if it is called by this name. It also knows the snapshot that a
    # single file can begin with.
    result = subprocess.run(
        ["redis-check-aof", str(path)],  # noqa: S607 (this is only a name)
        executable=program,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    match = _SOUND_BYTES.search(result.stdout.decode(errors="replace"))
    return int(match[1]) if match else path.stat().st_size


def _copy(path: Path, copy: Path) -> None:
    try:
        create_private_file(copy)
        shutil.copyfile(path, copy)
        _sync(copy)
    except OSError:
        copy.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
