"""Files to import: plain, compressed, or the only file of an archive, and standard input."""

import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath
from typing import IO, Final, NoReturn, cast

from services.errors import MalformedError

READ_BYTES: Final = 1 << 20
STANDARD_INPUT: Final = "-"

_DAMAGE: Final = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)

_GZIP: Final = b"\x1f\x8b"
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_SIGN_BYTES: Final = 264
_TAR_SIGN: Final = (b"ustar", 257)
_ENCRYPTED: Final = 1
_MAX_NAMES: Final = 5
_MAX_LAYERS: Final = 3

_UNPACK: Final = "unpack it first"
_SAVE_AS_CSV: Final = "save it as CSV, and import that"
_OTHER_KINDS: Final = {
    b"BZh": ("compressed with bzip2", _UNPACK),
    b"\xfd7zXZ\0": ("compressed with xz", _UNPACK),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7-Zip archive", _UNPACK),
    b"Rar!": ("a RAR archive", _UNPACK),
    b"\xd0\xcf\x11\xe0": ("a spreadsheet", _SAVE_AS_CSV),
    b"PAR1": ("a Parquet file", _SAVE_AS_CSV),
    b"SQLite format 3\0": ("an SQLite database", "export its readings as CSV"),
}
"""First bytes of files that hold no text, with their kind and a hint."""

_SPREADSHEET_PARTS: Final = frozenset({"[Content_Types].xml", "content.xml"})


class InputFile:
    """A file that is read once, from its beginning.

    Args:
        file: The file without its compression.
        raw: The file as it lies on disk.
        name: Name of the file without its compression.
        size_bytes: Size of the raw file, None if it is unknown.
    """

    def __init__(self, file: IO[bytes], raw: IO[bytes], name: str, size_bytes: int | None) -> None:
        self.name = name
        self._file = file
        self._raw = raw
        self._size_bytes = size_bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the file, as they arrive.

        Raises:
            MalformedError: The file can't be decompressed.
        """
        is_pipe = self._file is self._raw and self._size_bytes is None
        read = self._file.read1 if is_pipe else self._file.read  # type: ignore[attr-defined]
        try:
            while chunk := read(READ_BYTES):
                yield chunk
        except _DAMAGE as error:
            raise MalformedError(f"{self.name} can't be decompressed: {error}") from error

    @property
    def is_regular(self) -> bool:
        """True if the file can be read several times."""
        return self._size_bytes is not None

    @property
    def share(self) -> float | None:
        """Share of the file that has been read, None if its size is unknown."""
        return None if self._size_bytes is None else self._raw.tell() / max(1, self._size_bytes)


@contextmanager
def open_input(path: str) -> Iterator[InputFile]:
    """Open a file, or standard input if the path is "-". Its content shows its compression.

    Raises:
        MalformedError: The file can't be decompressed, or is no text.
    """
    with ExitStack() as stack:
        if path == STANDARD_INPUT:
            raw, name, size_bytes = _standard_input(), "standard input", None
        else:
            file = Path(path)
            raw, name = stack.enter_context(file.open("rb")), file.name
            size_bytes = file.stat().st_size if file.is_file() else None
        unpacked: IO[bytes] = raw
        for _ in range(_MAX_LAYERS):
            sign = _peek(unpacked, name)
            if sign.startswith(_GZIP):
                unpacked = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=unpacked)))
                name = name[:-3] if name.lower().endswith(".gz") else name
            elif sign.startswith(_ZIPS):
                unpacked, name = _open_zip(unpacked, name, stack)
            else:
                _check_kind(sign, name)
                break
        yield InputFile(unpacked, raw, name, size_bytes)


def _standard_input() -> IO[bytes]:
    source = sys.stdin.buffer
    return source if hasattr(source, "peek") else cast("IO[bytes]", io.BufferedReader(source))


def _peek(file: IO[bytes], name: str) -> bytes:
    """Return the first bytes of a file without reading them."""
    try:
        return bytes(file.peek(_SIGN_BYTES)[:_SIGN_BYTES])  # type: ignore[attr-defined]
    except _DAMAGE as error:
        raise MalformedError(f"{name} can't be decompressed: {error}") from error


def _open_zip(file: IO[bytes], name: str, stack: ExitStack) -> tuple[IO[bytes], str]:
    """Open the only file of an archive."""
    if not file.seekable():
        raise MalformedError(f"{name} is a .zip archive", "give its path, or unpack it first")
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        entries = [entry for entry in archive.infolist() if not _is_system_entry(entry)]
        if {entry.filename for entry in entries} & _SPREADSHEET_PARTS:
            _refuse(name, "a spreadsheet", _SAVE_AS_CSV)
        if len(entries) != 1:
            _refuse_entries(name, [entry.filename for entry in entries])
        if entries[0].flag_bits & _ENCRYPTED:
            _refuse(name, "an encrypted archive", _UNPACK)
        return stack.enter_context(archive.open(entries[0])), PurePath(entries[0].filename).name
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise MalformedError(f"{name} can't be decompressed: {error}", _UNPACK) from error


def _is_system_entry(entry: zipfile.ZipInfo) -> bool:
    """Return True for folders, and for what systems add to an archive."""
    path = PurePath(entry.filename)
    return entry.is_dir() or path.parts[:1] == ("__MACOSX",) or path.name in {".DS_Store"}


def _refuse_entries(name: str, entries: list[str]) -> NoReturn:
    if not entries:
        raise MalformedError(f"the archive {name} is empty")
    names = ", ".join(f"{entry[:60]!r}" for entry in entries[:_MAX_NAMES])
    more = f" and {len(entries) - _MAX_NAMES} more" if len(entries) > _MAX_NAMES else ""
    raise MalformedError(
        f"the archive {name} has {len(entries)} files, not one: {names}{more}",
        "unpack it, and import them one by one",
    )


def _check_kind(sign: bytes, name: str) -> None:
    """Raise MalformedError if the first bytes are those of a file without text."""
    for start, (kind, hint) in _OTHER_KINDS.items():
        if sign.startswith(start):
            _refuse(name, kind, hint)
    if sign[_TAR_SIGN[1] :].startswith(_TAR_SIGN[0]):
        _refuse(name, "a tar archive", _UNPACK)


def _refuse(name: str, kind: str, hint: str) -> NoReturn:
    raise MalformedError(f"{name} is {kind}", hint)
