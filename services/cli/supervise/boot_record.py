"""A file that shows, after a power cut, that Redis ran until then.

A power cut can lose the newest commands of Redis, and leave its file with a clean end that shows
nothing. A process that is killed loses nothing, because the system has what it wrote. So the
identity of the machine's boot is saved while Redis runs. If the next start finds another one, the
machine went down meanwhile.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.cli.supervise.append_only_file import UNRECORDED_CUT
from services.errors import StripchartError
from services.private_files import replace_private_file

_NAME: Final = "running.boot"
_LINUX_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_MACOS_BOOT_ID: Final = ("sysctl", "-n", "kern.bootsessionuuid")
_SYSCTL_TIMEOUT_SECONDS: Final = 5


def current_boot() -> str:
    """Return the identity of the boot of this machine, empty where the system has none."""
    try:
        if sys.platform == "darwin":
            return subprocess.run(
                _MACOS_BOOT_ID,
                check=True,
                capture_output=True,
                text=True,
                timeout=_SYSCTL_TIMEOUT_SECONDS,
            ).stdout.strip()
        return _LINUX_BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, subprocess.SubprocessError):
        return ""


class BootRecord:
    """The file beside the data of one server.

    Args:
        data: The folder of the server's data.
        boot: The identity of this boot, empty if it is unknown.
    """

    def __init__(self, data: Path, boot: str) -> None:
        self._data = data
        self._path = data / _NAME
        self._boot = boot

    def begin(self, *, syncs_always: bool) -> bool:
        """Save this boot on the disk. Call it before the server starts.

        Args:
            syncs_always: True if the server syncs its file before each answer: then a power cut
                loses nothing, and nothing is saved.

        Returns:
            True if the machine went down while the server ran. `UNRECORDED_CUT` is there then.

        Raises:
            StripchartError: The folder can't be written.
        """
        try:
            went_down = self._went_down()
            if went_down:
                (self._data / UNRECORDED_CUT).touch(0o600)
            if syncs_always or not self._boot:
                self._path.unlink(missing_ok=True)
            else:
                replace_private_file(self._path, f"{self._boot}\n")
                _sync(self._path)
            _sync(self._data)
        except OSError as error:
            raise StripchartError(
                f"the folder {self._data} can't be written: {error}", "make room on that disk"
            ) from error
        return went_down

    def end(self) -> None:
        """Remove the file, because the server has ended with all its data on the disk."""
        with suppress(OSError):
            self._path.unlink()

    def _went_down(self) -> bool:
        try:
            return bool(self._boot) and self._path.read_bytes().strip() != self._boot.encode()
        except FileNotFoundError:
            return False


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
