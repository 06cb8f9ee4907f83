"""File systems on which a database is safe, from mount tables of Linux."""

import os
from pathlib import Path

import pytest

from services.concurrency import Shutdown
from services.errors import SettingError
from services.settings import Settings
from services.store.sqlite.filesystem import Mount, check_file_system, find_mount
from services.writer.main import write

LAPTOP = r"""
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw
40 27 8:1 / /mnt/usb rw,relatime shared:20 master:3 - fuseblk /dev/sda1 rw,user_id=0
41 27 0:50 / /mnt/nas rw,relatime - nfs4 nas:/volume1 rw,vers=4.2
42 41 0:51 / /mnt/nas/fast rw - xfs /dev/sdb1 rw
43 27 0:52 / /mnt/My\040Files\134x rw shared:9 - cifs //nas/files rw
44 27 0:53 / /srv/data rw - ext4 /dev/sdc1 rw
45 44 0:54 / /srv/data rw - 9p share rw
""".strip()


@pytest.mark.parametrize(
    ("path", "folder", "kind"),
    [
        ("/home/me/readings.db", "/", "ext4"),
        ("/mnt/nas/a/readings.db", "/mnt/nas", "nfs4"),
        ("/mnt/nas/fast/readings.db", "/mnt/nas/fast", "xfs"),
        ("/mnt/nasty/readings.db", "/", "ext4"),
        ("/mnt/My Files\\x/readings.db", "/mnt/My Files\\x", "cifs"),
        ("/srv/data/readings.db", "/srv/data", "9p"),
    ],
)
def test_path_belongs_to_deepest_and_last_mount(path: str, folder: str, kind: str) -> None:
    assert find_mount(Path(path), LAPTOP) == Mount(Path(folder), kind)


@pytest.mark.parametrize(
    "kind",
    [
        "9p", "ceph", "cifs", "nfs", "nfs4", "smb3", "vboxsf", "virtiofs",
        "fuse", "fuse.grpcfuse", "fuse.osxfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
    ],
)  # fmt: skip
def test_unsafe_file_system_is_refused(kind: str, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /data rw shared:2 - {kind} b rw\n")
    sentence = rf"/data/readings\.db is on .* type {kind} \(mounted at /data\).*set DATA_DIR"
    with pytest.raises(SettingError, match=sentence):
        check_file_system(Path("/data/readings.db"), table)


@pytest.mark.parametrize(
    "kind",
    ["ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "fuseblk", "fuse.fuse-overlayfs"],
)
def test_local_disk_is_accepted(kind: str, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"1 0 8:1 / / rw - nfs a rw\n2 1 0:5 / /data rw - {kind} b rw\n")
    check_file_system(Path("/data/new/readings.db"), table)


@pytest.mark.parametrize("text", ["", "nonsense", "1 2 3 - ext4", "a b c d /mnt rw nfs nas rw"])
def test_malformed_mount_table_refuses_nothing(text: str, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(text)
    check_file_system(Path("/mnt/readings.db"), table)


def test_folder_whose_name_is_not_utf8_is_found(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_bytes(b"1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /mnt/caf\xe9 rw - nfs b rw\n")
    with pytest.raises(SettingError, match="nfs"):
        check_file_system(Path(os.fsdecode(b"/mnt/caf\xe9/readings.db")), table)


def test_missing_mount_table_refuses_nothing(tmp_path: Path) -> None:
    check_file_system(tmp_path / "readings.db", tmp_path / "no such table")


def test_writer_refuses_file_system_before_it_creates_files(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / {tmp_path} rw - virtiofs b rw\n")
    monkeypatch.setattr("services.store.sqlite.filesystem.MOUNT_TABLE", table)
    with pytest.raises(SettingError, match="virtiofs"):
        write(settings, Shutdown())
    assert not settings.data_dir.exists()
