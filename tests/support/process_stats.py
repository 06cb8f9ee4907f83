"""CPU time, memory and disk writes of processes, from /proc. Linux only."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_STATE, _SESSION, _USER_TICKS, _SYSTEM_TICKS, _THREADS = 0, 3, 11, 12, 17
"""Positions in /proc/PID/stat, counted after the name of the program."""

_WRITTEN_SECTORS, _SECTOR_BYTES = 6, 512
"""A position in /sys/dev/block/NUMBER/stat, and its unit."""


def child_pids(pid: int) -> list[int]:
    """Return the ids of a process's children; none if it has ended."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(child) for child in children.split()]
    return []


def session_pids(session: int) -> list[int]:
    """Return the ids of all processes of a session that have not ended.

    A process that is a zombie has not ended while it has other threads: they keep its port.
    """
    return [
        pid
        for pid, fields in _all_stats()
        if int(fields[_SESSION]) == session and (fields[_STATE] != "Z" or int(fields[_THREADS]) > 1)
    ]


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU time that these processes have used, in seconds of one core."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            fields = _stat(Path(f"/proc/{pid}/stat"))
            ticks += int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS])
    return ticks / os.sysconf("SC_CLK_TCK")


def run_state(pid: int) -> str:
    """Return the state letter of a process: R is running, S sleeping, T stopped."""
    return _stat(Path(f"/proc/{pid}/stat"))[_STATE]


def status_bytes(pid: int | str, field: str) -> int:
    """Return a size from /proc/PID/status, in bytes.

    Args:
        pid: The process, or "self".
        field: `VmRSS` is the memory now, `VmHWM` the most that it ever was.

    Raises:
        ValueError: There is no such field.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * 1024
    raise ValueError(f"no {field} in the status of process {pid}")


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process (PSS): a page that several processes share counts in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"no size of process {pid}")


def written_bytes(pid: int) -> int:
    """Return the bytes of the files that a process has changed, in whole pages of memory.

    A page counts again when it is changed after the system has written it. A page that was
    dropped before that, with a part of its file, does not count.
    """
    lines = Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    fields = dict(line.split(": ") for line in lines)
    return int(fields["write_bytes"]) - int(fields["cancelled_write_bytes"])


def device_written_bytes(folder: Path) -> int:
    """Return the bytes that were written to the device of a folder, by whoever, since its start."""
    number = folder.stat().st_dev
    path = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}/stat")
    return int(path.read_text(encoding="ascii").split()[_WRITTEN_SECTORS]) * _SECTOR_BYTES


def _all_stats() -> Iterable[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield int(path.parent.name), _stat(path)


def _stat(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
