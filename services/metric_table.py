"""The table of all metrics: names, meanings, labels and buckets."""

from typing import Final

from services.metric import Metric, MetricKind

_LATENCY_BOUNDS: Final = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0
)  # fmt: skip
_COMMIT_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SIZE_BOUNDS: Final = (1.0, 10.0, 100.0, 1_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0)

METRICS: Final[dict[str, Metric]] = {}
"""Every metric by its name."""


def _metric(
    name: str,
    kind: MetricKind,
    help_text: str,
    *labels: str,
    bounds: tuple[float, ...] = (),
    is_of_process: bool = True,
) -> Metric:
    metric = Metric(f"stripchart_{name}", kind, help_text, labels, bounds, is_of_process)
    METRICS[metric.name] = metric
    return metric


def _counter(name: str, help_text: str, *labels: str) -> Metric:
    return _metric(name, "counter", help_text, *labels)


def _gauge(name: str, help_text: str, *labels: str) -> Metric:
    return _metric(name, "gauge", help_text, *labels)


def _histogram(name: str, help_text: str, bounds: tuple[float, ...]) -> Metric:
    return _metric(name, "histogram", help_text, bounds=bounds)


def _shared(name: str, help_text: str, *labels: str, kind: MetricKind = "gauge") -> Metric:
    """Define a metric that the whole instance has once."""
    return _metric(name, kind, help_text, *labels, is_of_process=False)


# Every process.
PROCESS_START = _gauge(
    "process_start_time_seconds", "Time at which the process started, in Unix seconds."
)
PROCESS_CPU = _counter("process_cpu_seconds_total", "Processor time that the process has used.")
PROCESS_MEMORY = _gauge(
    "process_resident_memory_bytes", "Resident memory of the process, shared pages included."
)
PROCESS_FILES = _gauge("process_open_files", "Files and connections that the process has open.")
LOG_MESSAGES = _counter("log_messages_total", "Warnings and errors that were logged.", "level")

# Readings on their way.
READINGS_PUBLISHED = _counter(
    "readings_published_total",
    "Readings that the process has put into the journal: the producer those of its sources, a web"
    " process those of HTTP writes, the writer those of bare messages.",
)
READINGS_DROPPED = _counter(
    "readings_dropped_total", "Readings of the producer that did not fit into its outbox."
)
READINGS_HELD = _gauge("readings_held", "Readings in the producer's outbox.")
READINGS_REJECTED = _counter(
    "readings_rejected_total",
    "Readings that were not accepted. Reasons: malformed, bare_message (malformed on the channel),"
    " unstorable (no series for the value), journal_full, refused (too many series, purged times).",
    "reason",
)
READINGS_STORED = _counter("readings_stored_total", "Readings that the writer has committed.")
READINGS_LOST = _counter(
    "readings_lost_total", "Readings that were missing in the journal, where their number is known."
)
GAPS = _counter("gaps_total", "Gaps that the writer has found in the journal or on the channel.")

# Commits.
COMMIT_READINGS = _histogram(
    "commit_readings", "Readings that the writer has stored in one commit.", _SIZE_BOUNDS
)
COMMIT_SECONDS = _histogram("commit_duration_seconds", "Duration of a commit.", _COMMIT_BOUNDS)
PUBLISH_TO_COMMIT = _histogram(
    "publish_to_commit_seconds",
    "Time from the publication of a reading to its commit. Readings wait for a group commit for up"
    " to STRIPCHART_FLUSH_SECONDS unless somebody reads.",
    _LATENCY_BOUNDS,
)
LEASE_HELD = _gauge("writer_lease_held", "1 if this writer holds the lease, otherwise 0.")

# Live viewers.
VIEWERS = _gauge("viewers", "Live viewers of the web process.")
VIEWERS_LIMIT = _gauge("viewers_limit", "Live viewers that the web process admits.")
VIEWERS_ADMITTED = _counter("viewers_admitted_total", "Live viewers that were admitted.")
VIEWERS_REFUSED = _counter("viewers_refused_total", "Live viewers that were refused at the limit.")
VIEWERS_DROPPED = _counter(
    "viewers_dropped_total", "Live viewers that were closed because they read too slowly."
)
FRAMES_SENT = _counter(
    "frames_sent_total", "Frames that were sent to live viewers, each viewer counted."
)
QUEUED_BYTES = _gauge("send_queue_bytes", "Bytes that slow viewers have not read yet.")
PUBLISH_TO_FRAME = _histogram(
    "publish_to_frame_seconds",
    "Time from the publication of a message to its frame, while somebody watches.",
    _LATENCY_BOUNDS,
)

# Jobs.
JOBS_FINISHED = _counter(
    "jobs_finished_total", "Jobs that have ended. Outcomes: success, failure.", "kind", "outcome"
)
JOB_SECONDS = _counter("job_duration_seconds_total", "Time that jobs have taken.", "kind")
JOBS_QUEUED = _gauge("jobs_queued", "Jobs that wait.")
JOBS_FAILED = _gauge("jobs_failed", "Jobs that failed in the last eight days.")
BACKUPS = _gauge("backups", "Backups of the database.")
BACKUP_TIME = _gauge("backup_timestamp_seconds", "Time of the newest backup, in Unix seconds.")
BACKUP_BYTES = _gauge("backup_size_bytes", "Size of the newest backup.")
BACKUP_INTERVAL = _gauge(
    "backup_interval_seconds", "Time between two automatic backups; 0 if there are none."
)

# The whole instance.
BUILD = _shared("build_info", "The version of Stripchart; the value is always 1.", "version")
PROCESSES = _shared("processes", "Processes of each kind that report.", "process")
READY = _shared("ready", "1 if the part works, as /readyz checks it, otherwise 0.", "part")
JOURNAL_READINGS = _shared(
    "journal_readings_total", "Readings that were put into the journal, by everybody.",
    kind="counter",
)  # fmt: skip
JOURNAL_ENTRIES = _shared("journal_entries", "Entries of the journal.")
JOURNAL_BYTES = _shared("journal_size_bytes", "Bytes of the texts in the journal.")
JOURNAL_MAX_ENTRIES = _shared("journal_limit_entries", "STRIPCHART_JOURNAL_MAX_ENTRIES.")
JOURNAL_MAX_BYTES = _shared("journal_limit_bytes", "STRIPCHART_JOURNAL_MAX_BYTES.")
LAG_ENTRIES = _shared("journal_lag_entries", "Entries that the database has not committed.")
LAG_BYTES = _shared("journal_lag_bytes", "Bytes that the database has not committed.")
LAG_SECONDS = _shared(
    "journal_lag_seconds", "Time since the commit of the oldest uncommitted entry was due."
)
DATABASE_BYTES = _shared("database_size_bytes", "Size of the database, with its write-ahead log.")
WAL_BYTES = _shared("database_wal_size_bytes", "Size of the database's write-ahead log.")
DATABASE_GROWTH = _shared(
    "database_growth_daily_bytes", "Bytes by which the database grows in a day, estimated."
)
SERIES = _shared("series", "Series in the database.")
DISK_FREE = _shared("disk_free_bytes", "Free space on the database's disk.")
DISK_LOW = _shared("disk_low", "1 if the free space is low, otherwise 0.")
DISK_FULL_AT = _shared(
    "disk_full_timestamp_seconds", "Time at which the disk will be full, in Unix seconds."
)
RECENT_GAPS = _shared("recent_gaps", "Gaps that were recorded in the last 24 hours.")
RECENT_REFUSED = _shared("recent_readings_refused", "Readings refused in the last 24 hours.")
RECENT_REJECTED = _shared(
    "recent_messages_rejected", "Messages in the dead-letter stream of the last 24 hours, at most"
    " 1,000.",
)  # fmt: skip
