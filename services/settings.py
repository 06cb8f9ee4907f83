"""The settings: one table of name, default and help, read once from the environment.

Any setting can also come from a file whose path is in `NAME_FILE`, for secrets.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from services import setting_parsers as values
from services.errors import SettingError
from services.retention_policy import (
    RetentionPolicy,
    RetentionRule,
    format_retention_rules,
    format_size,
    parse_retention_rules,
    parse_size,
)


def _setting(
    name: str,
    default: str,
    help_text: str,
    parse: Callable[[str], object] = str,
    to_text: Callable[[Any], str] = str,
) -> Any:
    metadata = {"name": name, "default": default, "help": help_text}
    return field(metadata=metadata | {"parse": parse, "to_text": to_text})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, parsed. The table that `stripchart settings` prints is made from it."""

    redis_url: str = _setting(
        "REDIS_URL",
        "redis://127.0.0.1:6379/0",
        "Where Redis is. Unset, `stripchart up` brings a server of its own.",
    )
    redis_public_url: str = _setting(
        "STRIPCHART_REDIS_PUBLIC_URL",
        "",
        "Where other tools reach Redis, for the commands that the page shows; empty: REDIS_URL.",
    )
    database_url: str = _setting(
        "DATABASE_URL", "", "Where the database is; empty: the file readings.db in DATA_DIR."
    )
    durable: bool = _setting(
        "STRIPCHART_DURABLE",
        "yes",
        "no: Redis keeps nothing on disk; the page says so.",
        values.parse_yes_or_no,
        values.format_yes_or_no,
    )
    data_dir: Path = _setting(
        "DATA_DIR", "data", "The folder for the database, its backups and Redis' files.", Path
    )
    host: str = _setting("HOST", "127.0.0.1", "The address that the page is served on.")
    port: int = _setting("PORT", "5000", "The port that the page is served on.", values.parse_port)
    base_path: str = _setting(
        "BASE_PATH",
        "",
        "The path that a reverse proxy serves the page under.",
        values.parse_base_path,
    )
    log_level: str = _setting(
        "LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.", values.parse_log_level
    )
    no_color: bool = _setting(
        "NO_COLOR",
        "",
        "Anything: no colours on the terminal.",
        bool,
        values.format_flag,
    )
    channel: str = _setting(
        "CHANNEL", "readings", "The pub/sub channel; the names of the other keys follow it."
    )
    open_network: bool = _setting(
        "STRIPCHART_OPEN_NETWORK",
        "no",
        "yes: serve a HOST beyond loopback although nobody has to log in.",
        values.parse_yes_or_no,
        values.format_yes_or_no,
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "STRIPCHART_ALLOWED_HOSTS",
        "",
        "Host names besides localhost that the page may be asked for by, separated by commas.",
        values.parse_words,
        values.format_words,
    )
    journal_max_entries: int = _setting(
        "STRIPCHART_JOURNAL_MAX_ENTRIES",
        "1000000",
        "Messages that the journal holds at most; above it publishing is refused.",
        values.parse_journal_entries,
    )
    journal_max_bytes: int = _setting(
        "STRIPCHART_JOURNAL_MAX_BYTES",
        "134217728",
        "Bytes of messages that the journal holds at most; above it publishing is refused.",
        values.parse_journal_bytes,
    )
    max_series: int = _setting(
        "STRIPCHART_MAX_SERIES",
        "100000",
        "Series that the database takes; readings of further ones go to the table refused.",
        values.parse_count,
    )
    retention_rules: tuple[RetentionRule, ...] = _setting(
        "STRIPCHART_KEEP",
        "",
        "What to keep of readings and rollups, like raw=90d, 5s=2GB, cpu.*:raw=7d; empty: all.",
        parse_retention_rules,
        format_retention_rules,
    )
    retention_max_bytes: int = _setting(
        "STRIPCHART_KEEP_SIZE",
        "",
        "Above this size, like 10GB, the oldest readings of dense series go; empty: any size.",
        parse_size,
        format_size,
    )
    low_disk_bytes: int = _setting(
        "STRIPCHART_LOW_DISK",
        "",
        "Less free room, like 2GB, on the database's disk is warned of; empty: 1 GB or 5 %.",
        parse_size,
        format_size,
    )
    sources: tuple[str, ...] = _setting(
        "STRIPCHART_SOURCES",
        "random",
        "Where the producer takes readings from, separated by commas; empty: nowhere.",
        values.parse_words,
        values.format_words,
    )
    sources_folder: str = _setting(
        "STRIPCHART_SOURCES_FOLDER", "", "A folder with sources of your own; empty: none."
    )
    producer_rate: float = _setting(
        "STRIPCHART_PRODUCER_RATE",
        "1",
        "Readings a second of each series that is made up.",
        values.parse_rate,
    )
    producer_series: int = _setting(
        "STRIPCHART_PRODUCER_SERIES",
        "1",
        "How many series each such source makes up.",
        values.parse_count,
    )
    outbox_max_readings: int = _setting(
        "STRIPCHART_PRODUCER_HOLD",
        "100000",
        "Readings that the producer holds back while Redis takes none; the oldest go first.",
        values.parse_count,
    )
    host_name: str = _setting(
        "STRIPCHART_HOST_NAME", "host", "What the names of the host's own series begin with."
    )
    host_seconds: float = _setting(
        "STRIPCHART_HOST_SECONDS",
        "2",
        "Seconds between two looks at the host.",
        values.parse_seconds,
    )
    mqtt_url: str = _setting(
        "STRIPCHART_MQTT_URL",
        "mqtt://127.0.0.1:1883",
        "The MQTT broker; mqtts:// for TLS, user:password@ before the host to log in.",
    )
    mqtt_topics: str = _setting(
        "STRIPCHART_MQTT_TOPICS",
        "",
        "What is taken from MQTT, one rule on each line: TOPIC [PATH] [=> SERIES [UNIT]].",
    )
    commands: str = _setting(
        "STRIPCHART_COMMANDS",
        "",
        "Commands whose output is a number, one on each line: COMMAND => SERIES [UNIT].",
    )
    command_seconds: float = _setting(
        "STRIPCHART_COMMAND_SECONDS",
        "10",
        "Seconds from one run of a command to the next.",
        values.parse_seconds,
    )
    command_timeout: float = _setting(
        "STRIPCHART_COMMAND_TIMEOUT",
        "10",
        "Seconds after which a command is killed.",
        values.parse_seconds,
    )
    max_viewers: int = _setting(
        "STRIPCHART_VIEWERS",
        "1000",
        "Live viewers that each web process accepts.",
        values.parse_count,
    )
    web_processes: int = _setting(
        "STRIPCHART_WEB_PROCESSES", "1", "Web processes.", values.parse_count
    )
    backups: int = _setting(
        "STRIPCHART_BACKUPS", "2", "Backups to keep; older ones are deleted.", values.parse_count
    )
    backup_dir: str = _setting(
        "STRIPCHART_BACKUP_DIR", "", "The folder for backups; empty: backups in DATA_DIR."
    )
    backup_hours: int = _setting(
        "STRIPCHART_BACKUP_HOURS",
        "24",
        "Hours from one backup to the next; 0: none by itself.",
        values.parse_hours,
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read all settings. Raises SettingError, which names the setting that is wrong."""
        values: dict[str, Any] = {f.name: _value(f.metadata, environ) for f in fields(cls)}
        return cls(**values)

    @classmethod
    def from_environ_with_defaults(
        cls, environ: Mapping[str, str] = os.environ
    ) -> tuple[Self, list[SettingError]]:
        """All settings, and what is wrong with them: a wrong one has its default here."""
        values: dict[str, Any] = {}
        errors: list[SettingError] = []
        for f in fields(cls):
            try:
                values[f.name] = _value(f.metadata, environ)
            except SettingError as error:
                errors.append(error)
                values[f.name] = _value(f.metadata, {})
        return cls(**values), errors

    def texts(self) -> list[str]:
        """Return the text of each setting, in the order of the table.

        Each text parses to the value that the setting has now.
        """
        return [f.metadata["to_text"](getattr(self, f.name)) for f in fields(self)]

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or None for another database."""
        prefix = "sqlite:///"
        if not self.database_url:
            return self.data_dir / "readings.db"
        if self.database_url.startswith(prefix):
            return Path(self.database_url.removeprefix(prefix))
        return None

    @property
    def retention(self) -> RetentionPolicy:
        """What to keep of what is stored."""
        return RetentionPolicy(self.retention_rules, self.retention_max_bytes)

    @property
    def backup_folder(self) -> Path:
        """The folder for backups of the database."""
        return Path(self.backup_dir) if self.backup_dir else self.data_dir / "backups"


def is_setting_given(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody has set this setting, be it to its default."""
    return bool(environ.get(name)) or f"{name}_FILE" in environ


def settings_table() -> list[tuple[str, str, str]]:
    """Name, default and help of every setting, in order."""
    return [
        (f.metadata["name"], f.metadata["default"], f.metadata["help"]) for f in fields(Settings)
    ]


def _value(metadata: Mapping[str, Any], environ: Mapping[str, str]) -> object:
    name = metadata["name"]
    text = environ.get(name)
    path = environ.get(f"{name}_FILE")
    if text is not None and path is not None:
        raise SettingError(f"{name} and {name}_FILE are both set", "unset one of them")
    if path is not None:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise SettingError(f"{name}_FILE can't be read: {error}") from error
    if text is None:
        text = metadata["default"]
    try:
        return metadata["parse"](text)
    except ValueError as error:
        raise SettingError(f"{name}={text!r} can't be used: {error}", metadata["help"]) from error
