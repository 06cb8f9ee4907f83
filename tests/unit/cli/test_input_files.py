"""Files to import: their content shows how they are compressed."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import threading
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from services.cli.input.files import open_input
from services.errors import MalformedError

TEXT = b"time,series,value\n1,a,1\n"


def name_of_case(value: object) -> str:
    """Return the name of a parameter. Compressed data has the time at which it was made."""
    return value if isinstance(value, str) else "data"


def zip_of(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return data.getvalue()


def tar_of(name: str, content: bytes) -> bytes:
    """Return a tar archive without compression."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def encrypted_zip() -> bytes:
    """Return an archive whose only file is marked as encrypted."""
    data = bytearray(zip_of({"a.csv": TEXT}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def read(path: Path, data: bytes) -> tuple[str, bytes]:
    """Write a file, and read name and content of what is in it."""
    path.write_bytes(data)
    with open_input(str(path)) as source:
        return source.name, b"".join(source.chunks())


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TEXT, "x.bin"),
        (gzip.compress(TEXT), "x.bin"),
        (gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]), "x.bin"),
        (gzip.compress(TEXT) + bytes(512), "x.bin"),
        (zip_of({"past.csv": TEXT}), "past.csv"),
        (zip_of({"a/": b"", "a/past.csv": TEXT, "__MACOSX/a/._past.csv": b"x"}), "past.csv"),
        (zip_of({"past.lp": TEXT, ".DS_Store": b"x"}, zipfile.ZIP_STORED), "past.lp"),
        (zip_of({"past.lp.gz": gzip.compress(TEXT)}), "past.lp"),
        (zip_of({"past.csv": TEXT}, zipfile.ZIP_LZMA), "past.csv"),
        (b"", "x.bin"),
        (b"P", "x.bin"),
    ],
    ids=name_of_case,
)
def test_content_shows_compression(tmp_path: Path, data: bytes, name: str) -> None:
    content = data if data in {b"", b"P"} else TEXT
    assert read(tmp_path / "x.bin", data) == (name, content)


def test_suffix_of_compression_is_no_part_of_the_name(tmp_path: Path) -> None:
    assert read(tmp_path / "past.JSON.GZ", gzip.compress(TEXT)) == ("past.JSON", TEXT)
    assert read(tmp_path / "plain.gz", TEXT) == ("plain.gz", TEXT)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (gzip.compress(TEXT)[:-9], "can't be decompressed"),
        (gzip.compress(TEXT)[:20] + b"x" * 20, "can't be decompressed"),
        (b"\x1f\x8b\x08\x00 this is not compressed", "can't be decompressed"),
        (b"\x1f\x8b", "can't be decompressed"),
        (zip_of({"a.csv": TEXT})[:-30], "can't be decompressed"),
        (zip_of({"a.csv": TEXT}, zipfile.ZIP_STORED).replace(b"1,a,1", b"1,a,2"), "Bad CRC-32"),
        (b"PK\x03\x04 no archive", "can't be decompressed"),
        (zip_of({}), "the archive x.bin is empty"),
        (zip_of({"a/": b""}), "the archive x.bin is empty"),
        (
            zip_of({"a.csv": TEXT, "b.csv": TEXT}),
            "has 2 files, not one: 'a.csv', 'b.csv' (unpack it",
        ),
        (zip_of({f"{i}.csv": TEXT for i in range(7)}), "'4.csv' and 2 more"),
        (encrypted_zip(), "is an encrypted archive"),
        (zip_of({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "is a spreadsheet (save"),
        (zip_of({"mimetype": b"", "content.xml": b""}), "is a spreadsheet (save"),
        (bz2.compress(TEXT), "is compressed with bzip2 (unpack"),
        (lzma.compress(TEXT), "is compressed with xz (unpack"),
        (tar_of("a.csv", TEXT), "is a tar archive"),
        (gzip.compress(tar_of("a.csv", TEXT)), "is a tar archive"),
        (b"SQLite format 3\0" + bytes(84), "is an SQLite database (export"),
    ],
    ids=name_of_case,
)
def test_other_content_is_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(MalformedError) as raised:
        read(tmp_path / "x.bin", data)
    assert sentence in str(raised.value)


def test_large_content_takes_little_memory(tmp_path: Path) -> None:
    zeros = bytes(1 << 20)
    with gzip.open(tmp_path / "x.gz", "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(zeros)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(tmp_path / "x.gz", "x.csv.gz")
    tracemalloc.start()
    try:
        with open_input(str(tmp_path / "x.zip")) as source:
            assert sum(map(len, source.chunks())) == 64 << 20
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_share_of_file_grows_to_one(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bytes(3 << 20))
    with open_input(str(tmp_path / "x")) as source:
        shares = [source.share for _ in source.chunks()]
    assert shares == [1 / 3, 2 / 3, 1.0]


def test_pipe_is_read_as_it_arrives(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    may_end = threading.Event()

    def write() -> None:
        with path.open("wb", buffering=0) as pipe:
            pipe.write(b"a\n")
            may_end.wait(30)
            pipe.write(b"b\n")

    writer = threading.Thread(target=write)
    writer.start()
    with open_input(str(path)) as source:
        chunks = source.chunks()
        assert next(chunks) == b"a\n"
        may_end.set()
        assert list(chunks) == [b"b\n"]
        assert source.share is None
    writer.join()
