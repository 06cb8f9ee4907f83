"""The C loader: compiled where there is a compiler and SQLite's header, and run."""

import shutil
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks.storage.database import OVERWRITE

_SOURCE: Final = Path(__file__).with_name("loader.c")


class Loader:
    """A compiled loader and the rows that it loads. Raises RuntimeError where it can't be made."""

    def __init__(self, folder: Path, rows: Iterable[tuple[int, int, float]]) -> None:
        self._program = folder / "loader"
        self._rows = folder / "rows"
        compiler = shutil.which("cc")
        if compiler is None:
            raise RuntimeError("there is no C compiler")
        command = [compiler, "-O2", "-o", str(self._program), str(_SOURCE), "-lsqlite3"]
        made = subprocess.run(command, check=False, capture_output=True, text=True)
        if made.returncode:
            raise RuntimeError(f"the C loader can't be compiled: {made.stderr.strip()[-300:]}")
        with self._rows.open("wb") as file:
            for row in rows:
                file.write(struct.pack("=qqd", *row))

    def seconds(self, database: Path, batch: int, checkpoint_pages: int) -> float:
        """How long it takes to load the rows into a database that has the tables and series."""
        command = [
            str(self._program), str(database), str(self._rows), str(batch), str(checkpoint_pages),
            OVERWRITE,
        ]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(done.stdout)
