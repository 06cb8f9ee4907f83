"""The command line: its commands and their errors."""

import pytest
from click.testing import CliRunner

from services.cli.main import main


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name in ("REDIS_URL", "REDIS_URL_FILE", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return CliRunner()


def test_every_command_can_be_loaded(runner: CliRunner) -> None:
    answer = runner.invoke(main, ["--help"])
    assert answer.exit_code == 0
    names = "up producer writer web jobs send tail import series backup doctor settings"
    for name in names.split():
        assert f"\n  {name} " in answer.output
        assert runner.invoke(main, [name, "--help"]).exit_code == 0


def test_unknown_command_is_a_usage_error(runner: CliRunner) -> None:
    answer = runner.invoke(main, ["record"])
    assert answer.exit_code == 2
    assert "No such command 'record'" in answer.stderr


def test_error_is_one_sentence_with_its_exit_status(runner: CliRunner) -> None:
    answer = runner.invoke(main, ["settings"], env={"PORT": "x"})
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("stripchart: PORT='x' can't be used")
    assert answer.stderr.count("\n") == 1


def test_settings_are_printed_without_passwords(runner: CliRunner) -> None:
    env = {
        "REDIS_URL": "redis://bob:hunter2@box/0",
        "STRIPCHART_ALLOWED_HOSTS": "a, b",
        "STRIPCHART_MQTT_URL": "wss://bob:hunter2@box/mqtt",
        "STRIPCHART_MQTT_PASSWORD": "hunter2",
    }
    answer = runner.invoke(main, ["settings"], env=env)
    assert answer.exit_code == 0
    assert "REDIS_URL=redis://bob:***@box/0\n" in answer.output
    assert "hunter2" not in answer.output
    assert "STRIPCHART_ALLOWED_HOSTS=a,b\n" in answer.output
    assert "STRIPCHART_OPEN_NETWORK=no\n" in answer.output
    assert "    Default: redis://127.0.0.1:6379/0\n" in answer.output


def test_retention_rules_are_printed_as_rules(runner: CliRunner) -> None:
    env = {"STRIPCHART_KEEP": "raw=90d, 5s=2GB", "STRIPCHART_KEEP_SIZE": "10GB", "NO_COLOR": ""}
    answer = runner.invoke(main, ["settings"], env=env)
    assert answer.exit_code == 0
    assert "STRIPCHART_KEEP=raw=90d,5s=2GB\n" in answer.output
    assert "STRIPCHART_KEEP_SIZE=10GB\n" in answer.output
    assert "STRIPCHART_LOW_DISK=\n" in answer.output
    assert "NO_COLOR=\n" in answer.output
