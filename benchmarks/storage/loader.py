"""A loader in C as a yardstick. It needs a compiler and SQLite's header."""

import shutil
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from benchmarks.storage.database import UPSERT

_SOURCE: Final = Path(__file__).with_name("loader.c")


class CLoader:
    """A compiled loader, and the file of the rows that it loads.

    Args:
        folder: Folder for the program and its rows.
        rows: Series id, time in microseconds and value of each reading.

    Raises:
        RuntimeError: The loader can't be compiled.
    """

    def __init__(self, folder: Path, rows: Iterable[tuple[int, int, float]]) -> None:
        self._program = folder / "loader"
        self._rows_file = folder / "rows"
        compiler = shutil.which("cc")
        if compiler is None:
            raise RuntimeError("there is no C compiler")
        command = [compiler, "-O2", "-o", str(self._program), str(_SOURCE), "-lsqlite3"]
        result = subprocess.run(command, check=False, capture_output=True, text=True)
        if result.returncode:
            raise RuntimeError(f"the C loader can't be compiled: {result.stderr.strip()[-300:]}")
        with self._rows_file.open("wb") as file:
            for row in rows:
                file.write(struct.pack("=qqd", *row))

    def load(self, database: Path, batch: int, checkpoint_pages: int) -> float:
        """Load the rows and return the seconds that it took.

        Args:
            database: Path of a database that has the tables and the series.
            batch: Number of rows in a transaction.
            checkpoint_pages: Value of `PRAGMA wal_autocheckpoint`.
        """
        command = [
            str(self._program), str(database), str(self._rows_file), str(batch),
            str(checkpoint_pages), UPSERT,
        ]  # fmt: skip
        result = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(result.stdout)
