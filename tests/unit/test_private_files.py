"""Files and folders that others can't read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.private_files import (
    create_private_file,
    make_private_folder,
    replace_private_file,
    restrict_file,
)


@pytest.fixture(autouse=True)
def permissive() -> Iterator[None]:
    """A umask that forbids nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_all_new_folders_are_private_and_existing_ones_unchanged(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    make_private_folder(tmp_path / "a" / "b")
    assert [mode(tmp_path / name) for name in ("", "a", "a/b")] == [0o755, 0o700, 0o700]


def test_file_in_place_of_folder_is_an_error(path: Path) -> None:
    path.touch()
    with pytest.raises(FileExistsError):
        make_private_folder(path)


def test_new_file_is_private_and_existing_one_unchanged(path: Path) -> None:
    create_private_file(path)
    assert mode(path) == 0o600
    path.write_bytes(b"x")
    path.chmod(0o640)
    create_private_file(path)
    assert (path.read_bytes(), mode(path)) == (b"x", 0o640)


def test_new_file_is_private_from_its_creation(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Others can open a file before its permissions are changed.
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    create_private_file(path)
    assert mode(path) == 0o600


def test_files_in_setgid_folder_are_shared_with_its_group(tmp_path: Path, path: Path) -> None:
    tmp_path.chmod(0o2770)
    os.umask(0o022)
    create_private_file(path)
    assert mode(path) == 0o660
    path.chmod(0o664)
    restrict_file(path)
    assert mode(path) == 0o660


@pytest.mark.parametrize("is_link", [False, True])
def test_replaced_file_is_private_whatever_a_killed_process_has_left(
    path: Path, is_link: bool
) -> None:
    path.write_text("old")
    path.chmod(0o644)
    left, target = path.with_name("file.new"), path.with_name("target")
    target.touch(0o666)
    if is_link:
        left.symlink_to(target)
    else:
        left.touch(0o666)
    replace_private_file(path, "new")
    assert (path.read_text(), mode(path), path.is_symlink()) == ("new", 0o600, False)
    assert not left.exists()
    assert target.read_text() == ""


@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o664, 0o600), (0o400, 0o400)])
def test_permissions_of_others_are_removed(path: Path, before: int, after: int) -> None:
    path.touch()
    path.chmod(before)
    restrict_file(path)
    assert mode(path) == after


def test_file_of_another_user_and_target_of_link_are_unchanged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.touch(0o644)
    link = path.with_name("link")
    link.symlink_to(path)
    restrict_file(link)
    assert mode(path) == 0o644
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    restrict_file(path)
    assert mode(path) == 0o644


def test_missing_file_is_ignored(path: Path) -> None:
    restrict_file(path)
    assert not path.exists()
