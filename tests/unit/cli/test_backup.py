"""The command `stripchart backup`."""

import signal
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from services.cli.backup import backup
from services.position import Checkpoint, Cursor, EntryId
from services.reading import Reading
from services.settings import Settings
from services.store import Recorder, WriteBatch
from tests.support.databases import migrated_engine


@pytest.fixture
def signal_handlers() -> Iterator[None]:
    """Restore the signal handlers that the command installs."""
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.mark.redis
@pytest.mark.usefixtures("signal_handlers")
def test_command_makes_and_lists_backups(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    engine = migrated_engine(settings)
    readings = [Reading(f"s{i % 3}", i + 1, 1.0) for i in range(12)]
    checkpoint = Checkpoint(Cursor("a", EntryId(1, 0)), 1, 12)
    Recorder(engine, "readings", lambda: 0).commit(WriteBatch(readings), checkpoint)
    engine.dispose()
    runner = CliRunner()
    assert "no backup yet" in runner.invoke(backup, ["--list"]).output
    made = runner.invoke(backup, [])
    assert "12 readings of 3 series" in made.output
    listed = runner.invoke(backup, ["--list"])
    assert made.output.split(":")[0] in listed.output


def test_options_exclude_each_other() -> None:
    assert CliRunner().invoke(backup, ["--list", "--queue"]).exit_code == 2
