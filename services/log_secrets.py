"""Secrets in logs: tokens and share links are masked in every line, wherever it comes from."""

import logging
import re
from typing import Final

_MASK: Final = "***"
_SECRETS: Final = re.compile(
    # A share link, a token, and the token in an address that InfluxDB's clients send.
    r"(?P<share>/s/)[\w%-]{8,}|(?P<token>sct_)[\w-]+|(?P<parameter>[?&]p=)[^&\s\"]+",
    re.ASCII,
)


def mask_secrets(text: str) -> str:
    """Return a text with each secret replaced by `***`."""
    return _SECRETS.sub(lambda found: f"{found[found.lastgroup or 0]}{_MASK}", text)


class MaskingFormatter(logging.Formatter):
    """Formats records as another formatter does, tracebacks too, without their secrets.

    Args:
        inner: The other formatter.
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return mask_secrets(self._inner.format(record))
