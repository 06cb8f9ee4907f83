"""Settings: one table of names, defaults and help texts, read once from the environment."""

from dataclasses import dataclass
from pathlib import Path

from services import retention_policy
from services import setting_parsers as parsers
from services.retention_policy import RetentionPolicy, RetentionRule
from services.setting_fields import SettingsTable, setting


@dataclass(frozen=True, kw_only=True)
class Settings(SettingsTable):
    """The value of every setting. Each field declares one row of the table."""

    redis_url: str = setting(
        "REDIS_URL",
        "redis://127.0.0.1:6379/0",
        "Address of Redis: redis://, rediss:// or unix://; not set: the Redis that `stripchart up`"
        " starts with this DATA_DIR.",
    )
    redis_public_url: str = setting(
        "STRIPCHART_REDIS_PUBLIC_URL",
        "",
        "Address of Redis for other programs, shown in the page's example commands;"
        " empty: REDIS_URL.",
    )
    database_url: str = setting(
        "DATABASE_URL", "", "Address of the database; empty: the file readings.db in DATA_DIR."
    )
    durable: bool = setting(
        "STRIPCHART_DURABLE",
        "yes",
        "no: Redis keeps nothing on disk, and the page shows a warning. yes: Redis is persistent.",
        parsers.parse_yes_or_no,
        parsers.format_yes_or_no,
    )
    appendfsync: str = setting(
        "STRIPCHART_APPENDFSYNC",
        parsers.DEFAULT_APPENDFSYNC,
        "When our own Redis syncs its file: everysec; always, before each answer; no, when the"
        " system decides.",
        parsers.parse_appendfsync,
    )
    data_dir: Path = setting(
        "DATA_DIR", "data", "Folder for the database, its backups and the files of Redis.", Path
    )
    host: str = setting(
        "HOST", "127.0.0.1", "Address that the web server listens on; the default is loopback only."
    )
    port: int = setting("PORT", "5000", "Port that the web server listens on.", parsers.parse_port)
    base_path: str = setting(
        "BASE_PATH",
        "",
        "Path under which a reverse proxy serves the page, such as /charts; empty: the root.",
        parsers.parse_base_path,
    )
    public_url: str = setting(
        "STRIPCHART_PUBLIC_URL",
        "",
        "Address at which people open the page, for share links; empty: from HOST and PORT.",
        parsers.parse_public_url,
    )
    log_level: str = setting(
        "LOG_LEVEL",
        "INFO",
        "Lowest level of log messages: DEBUG, INFO, WARNING or ERROR.",
        parsers.parse_log_level,
    )
    log_format: str = setting(
        "STRIPCHART_LOG_FORMAT",
        "text",
        "Format of log lines: text for people, json for programs that collect logs.",
        parsers.parse_log_format,
    )
    no_color: bool = setting(
        "NO_COLOR",
        "",
        "Any text: no colours in the terminal; empty: colours.",
        bool,
        parsers.format_flag,
    )
    channel: str = setting(
        "CHANNEL",
        "readings",
        "Redis pub/sub channel for readings. The names of all Redis keys begin with it.",
    )
    open_network: bool = setting(
        "STRIPCHART_OPEN_NETWORK",
        "no",
        "yes: allow a HOST that other machines can reach, although there is no login.",
        parsers.parse_yes_or_no,
        parsers.format_yes_or_no,
    )
    anonymous: str = setting(
        "STRIPCHART_ANONYMOUS",
        "",
        "view: everybody may look without a login; empty: everybody has to log in once there is a"
        " user or a token.",
        parsers.parse_anonymous,
    )
    proxy_networks: tuple[parsers.Network, ...] = setting(
        "STRIPCHART_PROXY_NETWORKS",
        "",
        "Addresses and networks of reverse proxies whose headers count, such as 127.0.0.1.",
        parsers.parse_networks,
        parsers.format_networks,
    )
    proxy_user_header: str = setting(
        "STRIPCHART_PROXY_USER_HEADER",
        "",
        "Header in which these proxies name the user who has logged in there; empty: none.",
        parsers.parse_header_name,
    )
    requests_per_minute: int = setting(
        "STRIPCHART_REQUESTS_PER_MINUTE",
        "60000",
        "Requests a minute that a web process serves for one user, token, or other machine.",
        parsers.parse_count,
    )
    allowed_hosts: tuple[str, ...] = setting(
        "STRIPCHART_ALLOWED_HOSTS",
        "",
        "Host names, besides localhost, under which the page may be opened; separated by commas.",
        parsers.parse_words,
        parsers.format_words,
    )
    journal_max_entries: int = setting(
        "STRIPCHART_JOURNAL_MAX_ENTRIES",
        "1000000",
        "Maximum number of messages in the journal. A full journal refuses new messages.",
        parsers.parse_journal_entries,
    )
    journal_max_bytes: int = setting(
        "STRIPCHART_JOURNAL_MAX_BYTES",
        "134217728",
        "Maximum size of the journal's messages in bytes. A full journal refuses new messages.",
        parsers.parse_journal_bytes,
    )
    flush_seconds: float = setting(
        "STRIPCHART_FLUSH_SECONDS",
        "10",
        "Seconds for which a reading may wait in Redis before it is committed, unless somebody"
        " reads; 0: commit at once.",
        parsers.parse_flush_seconds,
    )
    max_series: int = setting(
        "STRIPCHART_MAX_SERIES",
        "100000",
        "Maximum number of series in the database. Readings of more go to the table refused.",
        parsers.parse_count,
    )
    retention_rules: tuple[RetentionRule, ...] = setting(
        "STRIPCHART_KEEP",
        "",
        "Maximum age or size of readings and rollups, such as raw=90d, 5s=2GB, cpu.*:raw=7d;"
        " empty: keep all.",
        retention_policy.parse_retention_rules,
        retention_policy.format_retention_rules,
    )
    retention_max_bytes: int = setting(
        "STRIPCHART_KEEP_SIZE",
        "",
        "Size of the database, such as 10GB, above which the oldest readings of dense series are"
        " deleted; empty: no limit.",
        retention_policy.parse_size,
        retention_policy.format_size,
    )
    low_disk_bytes: int = setting(
        "STRIPCHART_LOW_DISK",
        "",
        "Free space on the database's disk, such as 2GB, below which a warning appears;"
        " empty: 1 GB or 5 %.",
        retention_policy.parse_size,
        retention_policy.format_size,
    )
    sources: tuple[str, ...] = setting(
        "STRIPCHART_SOURCES",
        "random",
        "Sources that the producer reads, separated by commas; empty: none.",
        parsers.parse_words,
        parsers.format_words,
    )
    sources_folder: str = setting(
        "STRIPCHART_SOURCES_FOLDER", "", "Folder with your own sources; empty: none."
    )
    producer_rate: float = setting(
        "STRIPCHART_PRODUCER_RATE",
        "1",
        "Readings per second of each synthetic series.",
        parsers.parse_rate,
    )
    producer_series: int = setting(
        "STRIPCHART_PRODUCER_SERIES",
        "1",
        "Number of series of each synthetic source.",
        parsers.parse_count,
    )
    outbox_max_readings: int = setting(
        "STRIPCHART_PRODUCER_HOLD",
        "100000",
        "Maximum number of readings that the producer holds while Redis is unavailable;"
        " the oldest are dropped first.",
        parsers.parse_count,
    )
    host_name: str = setting(
        "STRIPCHART_HOST_NAME", "host", "Prefix of the series names of the source host."
    )
    host_seconds: float = setting(
        "STRIPCHART_HOST_SECONDS",
        "2",
        "Seconds between two measurements of the source host.",
        parsers.parse_seconds,
    )
    mqtt_url: str = setting(
        "STRIPCHART_MQTT_URL",
        "mqtt://127.0.0.1:1883",
        "Address of the MQTT broker: mqtt://, mqtts://, ws:// or wss://, then user:password@ to log"
        " in, and the host.",
    )
    mqtt_password: str = setting(
        "STRIPCHART_MQTT_PASSWORD", "", "Password for MQTT; empty: that in STRIPCHART_MQTT_URL."
    )
    mqtt_ca: str = setting(
        "STRIPCHART_MQTT_CA", "", "File with the MQTT broker's authority; empty: the system's."
    )
    mqtt_certificate: str = setting(
        "STRIPCHART_MQTT_CERTIFICATE", "", "File with our certificate for MQTT; empty: none."
    )
    mqtt_key: str = setting(
        "STRIPCHART_MQTT_KEY", "", "File with its key; empty: the certificate's file holds it too."
    )
    mqtt_topics: str = setting(
        "STRIPCHART_MQTT_TOPICS",
        "",
        "MQTT topics to subscribe to, one rule on each line: TOPIC [PATH] [=> SERIES [UNIT]], or"
        " !TOPIC to exclude topics.",
    )
    commands: str = setting(
        "STRIPCHART_COMMANDS",
        "",
        "Commands that print a number, one on each line: COMMAND => SERIES [UNIT].",
    )
    command_seconds: float = setting(
        "STRIPCHART_COMMAND_SECONDS",
        "10",
        "Seconds between two starts of a command.",
        parsers.parse_seconds,
    )
    command_timeout: float = setting(
        "STRIPCHART_COMMAND_TIMEOUT",
        "10",
        "Seconds after which a command that still runs is killed.",
        parsers.parse_seconds,
    )
    max_viewers: int = setting(
        "STRIPCHART_VIEWERS",
        "1000",
        "Maximum number of live viewers of each web process.",
        parsers.parse_count,
    )
    web_processes: int = setting(
        "STRIPCHART_WEB_PROCESSES", "1", "Number of web processes.", parsers.parse_count
    )
    backups: int = setting(
        "STRIPCHART_BACKUPS",
        "2",
        "Number of backups to keep. Older ones are deleted.",
        parsers.parse_count,
    )
    backup_dir: str = setting(
        "STRIPCHART_BACKUP_DIR", "", "Folder for backups; empty: backups in DATA_DIR."
    )
    backup_hours: int = setting(
        "STRIPCHART_BACKUP_HOURS",
        "24",
        "Hours between two automatic backups; 0: no automatic backups.",
        parsers.parse_hours,
    )

    @property
    def database_file(self) -> Path | None:
        """Path of the SQLite file, None for another kind of database."""
        prefix = "sqlite:///"
        if not self.database_url:
            return self.data_dir / "readings.db"
        if self.database_url.startswith(prefix):
            return Path(self.database_url.removeprefix(prefix))
        return None

    @property
    def retention(self) -> RetentionPolicy:
        """Policy that says which readings and rollups to delete by age or size."""
        return RetentionPolicy(self.retention_rules, self.retention_max_bytes)

    @property
    def backup_folder(self) -> Path:
        """Folder for backups of the database."""
        return Path(self.backup_dir) if self.backup_dir else self.data_dir / "backups"
