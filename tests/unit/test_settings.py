"""Settings are read from the environment, and written as texts that parse to the same values."""

from pathlib import Path

import pytest

from services.errors import SettingError
from services.setting_fields import is_setting_given
from services.settings import Settings

NAMES = [name for name, _, _ in Settings.rows()]

INVALID = {
    "STRIPCHART_APPENDFSYNC": "Always",
    "STRIPCHART_DURABLE": "perhaps",
    "PORT": "65536",
    "LOG_LEVEL": "LOUD",
    "STRIPCHART_LOG_FORMAT": "xml",
    "STRIPCHART_OPEN_NETWORK": "maybe",
    "STRIPCHART_ANONYMOUS": "write",
    "STRIPCHART_PROXY_NETWORKS": "10.0.0.1/8",
    "STRIPCHART_PROXY_USER_HEADER": "Remote_User",
    "STRIPCHART_REQUESTS_PER_MINUTE": "0",
    "STRIPCHART_JOURNAL_MAX_ENTRIES": "0",
    "STRIPCHART_FLUSH_SECONDS": "-1",
    "STRIPCHART_JOURNAL_MAX_BYTES": "-1",
    "STRIPCHART_PRODUCER_RATE": "nan",
    "STRIPCHART_PRODUCER_SERIES": "many",
    "STRIPCHART_HOST_SECONDS": "0",
    "STRIPCHART_COMMAND_SECONDS": "nan",
    "STRIPCHART_COMMAND_TIMEOUT": "86401",
    "STRIPCHART_PRODUCER_HOLD": "1.5",
    "STRIPCHART_VIEWERS": "",
    "STRIPCHART_WEB_PROCESSES": "0",
    "STRIPCHART_BACKUPS": "none",
    "STRIPCHART_BACKUP_HOURS": "169",
}

CHANGED = {
    "REDIS_URL": "redis://box:6380/1",
    "STRIPCHART_REDIS_PUBLIC_URL": "redis://box.local:6380",
    "DATABASE_URL": "sqlite:///other.db",
    "STRIPCHART_APPENDFSYNC": "no",
    "STRIPCHART_DURABLE": "no",
    "DATA_DIR": "/srv/data",
    "HOST": "0.0.0.0",
    "PORT": "8080",
    "BASE_PATH": "charts/",
    "STRIPCHART_PUBLIC_URL": "https://charts.example/box/",
    "LOG_LEVEL": "debug",
    "STRIPCHART_LOG_FORMAT": "json",
    "NO_COLOR": "1",
    "CHANNEL": "samples",
    "STRIPCHART_OPEN_NETWORK": "TRUE",
    "STRIPCHART_ANONYMOUS": "view",
    "STRIPCHART_PROXY_NETWORKS": "127.0.0.1, fd00::/8",
    "STRIPCHART_PROXY_USER_HEADER": "Remote-User",
    "STRIPCHART_REQUESTS_PER_MINUTE": "100",
    "STRIPCHART_ALLOWED_HOSTS": "box.local, box",
    "STRIPCHART_JOURNAL_MAX_ENTRIES": "5000",
    "STRIPCHART_FLUSH_SECONDS": "2.5",
    "STRIPCHART_JOURNAL_MAX_BYTES": "4194304",
    "STRIPCHART_MAX_SERIES": "50",
    "STRIPCHART_KEEP": "raw=90d, *:1min=2y, 5s=1500 MB, cpu:*:raw=36h, 4h=2000000b",
    "STRIPCHART_KEEP_SIZE": "10GB",
    "STRIPCHART_LOW_DISK": "1234567",
    "STRIPCHART_SOURCES": "host, mqtt",
    "STRIPCHART_SOURCES_FOLDER": "/srv/sources",
    "STRIPCHART_PRODUCER_RATE": "0.25",
    "STRIPCHART_PRODUCER_SERIES": "3",
    "STRIPCHART_PRODUCER_HOLD": "500",
    "STRIPCHART_HOST_NAME": "box",
    "STRIPCHART_HOST_SECONDS": "0.5",
    "STRIPCHART_MQTT_URL": "mqtts://box",
    "STRIPCHART_MQTT_PASSWORD": "p@ss",
    "STRIPCHART_MQTT_CA": "/srv/ca.crt",
    "STRIPCHART_MQTT_CERTIFICATE": "/srv/own.crt",
    "STRIPCHART_MQTT_KEY": "/srv/own.key",
    "STRIPCHART_MQTT_TOPICS": "a/b => a\nc/# t",
    "STRIPCHART_COMMANDS": "cat /a => a\ncat /b => b V",
    "STRIPCHART_COMMAND_SECONDS": "60",
    "STRIPCHART_COMMAND_TIMEOUT": "2e1",
    "STRIPCHART_VIEWERS": "10",
    "STRIPCHART_WEB_PROCESSES": "2",
    "STRIPCHART_BACKUPS": "7",
    "STRIPCHART_BACKUP_DIR": "/srv/backups",
    "STRIPCHART_BACKUP_HOURS": "0",
}
"""A value for every setting that differs from its default."""


def test_empty_environment_gives_defaults() -> None:
    settings = Settings.from_environ({})
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    assert (settings.host, settings.port, settings.base_path) == ("127.0.0.1", 5000, "")
    assert settings.data_dir == Path("data")
    assert settings.channel == "readings"
    assert settings.open_network is False
    assert settings.allowed_hosts == ()
    assert (settings.producer_rate, settings.producer_series) == (1.0, 1)


@pytest.mark.parametrize(("name", "default", "help_text"), Settings.rows())
def test_explicit_default_equals_default(name: str, default: str, help_text: str) -> None:
    assert Settings.from_environ({name: default}) == Settings.from_environ({})
    assert help_text.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_text_of_setting_parses_to_same_value(name: str) -> None:
    settings = Settings.from_environ({name: CHANGED[name]})
    assert settings != Settings.from_environ({})
    texts = dict(zip(NAMES, settings.to_texts(), strict=True))
    assert Settings.from_environ(texts) == settings


def test_texts_of_defaults_parse_to_same_values() -> None:
    settings = Settings.from_environ({})
    assert Settings.from_environ(dict(zip(NAMES, settings.to_texts(), strict=True))) == settings


def test_invalid_settings_have_defaults_and_one_error_each() -> None:
    environ = {"PORT": "65536", "STRIPCHART_VIEWERS": "none", "CHANNEL": "samples"}
    settings, errors = Settings.from_environ_with_defaults(environ)
    assert (settings.port, settings.max_viewers, settings.channel) == (5000, 1000, "samples")
    assert [str(error).split("=")[0] for error in errors] == ["PORT", "STRIPCHART_VIEWERS"]


def test_other_settings_than_common_ones_have_prefix() -> None:
    common = {
        "REDIS_URL", "DATABASE_URL", "DATA_DIR", "HOST", "PORT", "BASE_PATH", "LOG_LEVEL",
        "CHANNEL", "NO_COLOR",
    }  # fmt: skip
    assert {name for name in NAMES if not name.startswith("STRIPCHART_")} == common
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_be_read_from_file(name: str, tmp_path: Path) -> None:
    default = dict(zip(NAMES, (row[1] for row in Settings.rows()), strict=True))[name]
    file = tmp_path / "secret"
    file.write_text(f"{default}\n", encoding="utf-8")
    assert Settings.from_environ({f"{name}_FILE": str(file)}) == Settings.from_environ({})


def test_line_break_at_end_of_file_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("redis://:secret@redis:6379/0\n", encoding="utf-8")
    settings = Settings.from_environ({"REDIS_URL_FILE": str(file)})
    assert settings.redis_url == "redis://:secret@redis:6379/0"


def test_setting_and_its_file_together_are_refused(tmp_path: Path) -> None:
    environ = {"CHANNEL": "a", "CHANNEL_FILE": str(tmp_path / "channel")}
    with pytest.raises(SettingError, match="CHANNEL and CHANNEL_FILE are both set"):
        Settings.from_environ(environ)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"REDIS_URL_FILE can't be read: .*nowhere"):
        Settings.from_environ({"REDIS_URL_FILE": str(tmp_path / "nowhere")})


def test_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError, match="REDIS_URL_FILE"):
        Settings.from_environ({"REDIS_URL_FILE": str(file)})


@pytest.mark.parametrize(("name", "text"), INVALID.items())
def test_invalid_value_is_refused_with_name_and_hint(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}={text!r} can't be used: ") as caught:
        Settings.from_environ({name: text})
    assert caught.value.hint
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("text", ["0", "-1", "inf", "10001", "1e9", "fast"])
def test_rate_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="STRIPCHART_PRODUCER_RATE"):
        Settings.from_environ({"STRIPCHART_PRODUCER_RATE": text})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("yes", True), ("TRUE", True), ("1", True), ("No", False), ("false", False), ("", False)],
)
def test_yes_and_no_have_several_spellings(text: str, expected: bool) -> None:
    assert Settings.from_environ({"STRIPCHART_OPEN_NETWORK": text}).open_network is expected


def test_words_paths_and_levels_are_normalised() -> None:
    settings = Settings.from_environ(
        {
            "STRIPCHART_ALLOWED_HOSTS": "box.local, box  pi",
            "BASE_PATH": "charts/",
            "LOG_LEVEL": "debug",
            "STRIPCHART_SOURCES": "host, mqtt",
        }
    )
    assert settings.allowed_hosts == ("box.local", "box", "pi")
    assert settings.base_path == "/charts"
    assert settings.log_level == "DEBUG"
    assert settings.sources == ("host", "mqtt")


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("", Path("folder/readings.db")),
        ("sqlite:///other.db", Path("other.db")),
        ("sqlite:////srv/other.db", Path("/srv/other.db")),
        ("postgresql://localhost/readings", None),
    ],
)
def test_database_file_is_path_of_sqlite_file(url: str, file: Path | None) -> None:
    settings = Settings.from_environ({"DATA_DIR": "folder", "DATABASE_URL": url})
    assert settings.database_file == file


def test_setting_is_given_even_with_its_default() -> None:
    assert not is_setting_given("REDIS_URL", {})
    assert not is_setting_given("REDIS_URL", {"REDIS_URL": ""})
    assert is_setting_given("REDIS_URL", {"REDIS_URL": "redis://127.0.0.1:6379/0"})
    assert is_setting_given("REDIS_URL", {"REDIS_URL_FILE": "url"})
