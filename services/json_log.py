"""Log lines as JSON: one object for each event, for programs that collect logs."""

import json
import logging
import time
from datetime import UTC, datetime

from services.errors import StripchartError


class JsonFormatter(logging.Formatter):
    """Formats a record as a line of JSON.

    Args:
        process: Name of this process; empty: the name of each record's logger.
    """

    def __init__(self, process: str = "") -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return a line with time, level, process and message, and what else there is."""
        hints = [arg.hint for arg in _errors_of(record) if arg.hint]
        process = self._process or record.name
        return _encode(
            record.created,
            record.levelname,
            process,
            _message_of(record),
            logger=record.name if record.name != process else "",
            hint="; ".join(hints),
            exception=self.formatException(record.exc_info) if record.exc_info else "",
        )


def encode_line(process: str, message: str) -> str:
    """Return the line of a message that came as plain text.

    Args:
        process: Name of the process.
        message: The text, without a line end.
    """
    return _encode(time.time(), "INFO", process, message)


def _encode(seconds: float, level: str, process: str, message: str, **others: str) -> str:
    """Return a line of JSON. Empty fields among the others are left out."""
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    fields = {
        "time": moment.replace("+00:00", "Z"),
        "level": level,
        "process": process,
        "message": message,
    }
    fields |= {name: text for name, text in others.items() if text}
    return json.dumps(fields, ensure_ascii=False)


def _errors_of(record: logging.LogRecord) -> list[StripchartError]:
    args = record.args if isinstance(record.args, tuple) else ()
    return [arg for arg in args if isinstance(arg, StripchartError)]


def _message_of(record: logging.LogRecord) -> str:
    """Return the message, without the hints of our errors."""
    if not _errors_of(record) or not isinstance(record.args, tuple):
        return record.getMessage()
    return str(record.msg) % tuple(map(_without_hint, record.args))


def _without_hint(value: object) -> object:
    return value.args[0] if isinstance(value, StripchartError) else value
