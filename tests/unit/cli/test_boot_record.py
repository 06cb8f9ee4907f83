"""The record that shows a power cut while Redis ran."""

from pathlib import Path

import pytest

from services.cli.supervise.append_only_file import UNRECORDED_CUT
from services.cli.supervise.boot_record import BootRecord, current_boot
from services.errors import StripchartError


def begin(data: Path, boot: str, *, syncs_always: bool = False) -> bool:
    """Start as `stripchart up` does. Returns True if a power cut was seen."""
    went_down = BootRecord(data, boot).begin(syncs_always=syncs_always)
    assert (data / UNRECORDED_CUT).exists() == went_down
    (data / UNRECORDED_CUT).unlink(missing_ok=True)
    return went_down


def test_first_start_shows_no_power_cut(tmp_path: Path) -> None:
    assert not begin(tmp_path, "a")


def test_another_boot_shows_a_power_cut_once(tmp_path: Path) -> None:
    begin(tmp_path, "a")
    assert begin(tmp_path, "b")
    assert not begin(tmp_path, "b")


def test_kill_on_the_same_boot_shows_none(tmp_path: Path) -> None:
    begin(tmp_path, "a")
    assert not begin(tmp_path, "a")


def test_clean_end_leaves_nothing(tmp_path: Path) -> None:
    record = BootRecord(tmp_path, "a")
    record.begin(syncs_always=False)
    record.end()
    record.end()
    assert list(tmp_path.iterdir()) == []
    assert not begin(tmp_path, "b")


def test_server_that_syncs_always_loses_nothing(tmp_path: Path) -> None:
    begin(tmp_path, "a", syncs_always=True)
    assert not begin(tmp_path, "b")


def test_power_cut_before_the_setting_was_changed_is_shown(tmp_path: Path) -> None:
    begin(tmp_path, "a")
    assert begin(tmp_path, "b", syncs_always=True)
    assert not begin(tmp_path, "c")


def test_unknown_boot_shows_none(tmp_path: Path) -> None:
    begin(tmp_path, "a")
    assert not begin(tmp_path, "")
    assert not begin(tmp_path, "b")


def test_damaged_record_shows_a_power_cut(tmp_path: Path) -> None:
    begin(tmp_path, "a")
    (tmp_path / "running.boot").write_bytes(b"\xff\0")
    assert begin(tmp_path, "a")


def test_folder_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StripchartError, match=r"can't be written: .*make room"):
        begin(tmp_path / "missing", "a")


@pytest.mark.skipif(not Path("/proc/sys").exists(), reason="there is no /proc")
def test_boot_of_linux_is_known() -> None:
    assert len(current_boot()) == 36
    assert current_boot() == current_boot()
