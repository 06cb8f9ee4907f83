"""Parsers of setting values.

Each parser raises ValueError, with the rule for the value, for a text that it can't parse.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network

DEFAULT_APPENDFSYNC = "everysec"

_LOG_FORMATS = ("text", "json")
_APPENDFSYNC = (DEFAULT_APPENDFSYNC, "no", "always")
_BOOLEANS = {
    "yes": True,
    "true": True,
    "1": True,
    "no": False,
    "false": False,
    "0": False,
    "": False,
}


def parse_yes_or_no(text: str) -> bool:
    """Parse yes, true or 1, or their opposites. An empty text means no."""
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("must be yes or no") from None


def format_yes_or_no(value: bool) -> str:
    """Return the text that `parse_yes_or_no` parses to the value."""
    return "yes" if value else "no"


def format_flag(value: bool) -> str:
    """Return a text that is empty if the value is False, for flags that any text sets."""
    return "yes" if value else ""


def parse_words(text: str) -> tuple[str, ...]:
    """Parse words that are separated by commas or spaces."""
    return tuple(text.replace(",", " ").split())


def format_words(words: tuple[str, ...]) -> str:
    """Return the text that `parse_words` parses to the words."""
    return ",".join(words)


def parse_count(text: str) -> int:
    """Parse a whole number of at least 1."""
    return _at_least(int(text), 1)


def parse_hours(text: str) -> int:
    """Parse a number of hours, 0 to 168."""
    hours = int(text)
    if not 0 <= hours <= 168:  # noqa: PLR2004 (a week)
        raise ValueError("must be 0 to 168")
    return hours


def parse_journal_entries(text: str) -> int:
    """Parse a maximum number of journal entries."""
    # The newest acknowledged entry always stays, so a bound of one would refuse every message.
    return _at_least(int(text), 2)


def parse_journal_bytes(text: str) -> int:
    """Parse a maximum size of the journal, in bytes."""
    # The largest message, 1,000 readings with the longest names, must fit.
    return _at_least(int(text), 2 << 20)


def parse_rate(text: str) -> float:
    """Parse a number of times per second."""
    rate = float(text)
    if not 0 < rate <= 10_000:  # noqa: PLR2004 (the error states the bound)
        raise ValueError("must be above 0 and at most 10000")
    return rate


def parse_port(text: str) -> int:
    """Parse a TCP port."""
    port = int(text)
    if not 0 < port < 65_536:  # noqa: PLR2004 (the range of TCP ports)
        raise ValueError("must be a port, 1 to 65535")
    return port


def parse_log_level(text: str) -> str:
    """Parse a log level, in upper or lower case."""
    level, levels = text.upper(), ("DEBUG", "INFO", "WARNING", "ERROR")
    if level not in levels:
        raise ValueError(f"must be one of {', '.join(levels)}")
    return level


def parse_log_format(text: str) -> str:
    """Parse the format of log lines: text or json."""
    if text not in _LOG_FORMATS:
        raise ValueError(f"must be one of {', '.join(_LOG_FORMATS)}")
    return text


def parse_appendfsync(text: str) -> str:
    """Parse the time at which Redis syncs its file: everysec, no or always."""
    if text not in _APPENDFSYNC:
        raise ValueError(f"must be one of {', '.join(_APPENDFSYNC)}")
    return text


def parse_seconds(text: str) -> float:
    """Parse a number of seconds, 0.1 to 86,400."""
    seconds = float(text)
    if not 0.1 <= seconds <= 86_400:  # noqa: PLR2004 (the error states the bound)
        raise ValueError("must be 0.1 to 86400 seconds")
    return seconds


def parse_flush_seconds(text: str) -> float:
    """Parse a number of seconds, 0 to 3,600."""
    seconds = float(text)
    if not 0 <= seconds <= 3_600:  # noqa: PLR2004 (the error states the bound)
        raise ValueError("must be 0 to 3600 seconds")
    return seconds


def parse_base_path(text: str) -> str:
    """Parse a path: add a slash at its start, and remove those at its end."""
    path = text.strip("/")
    return f"/{path}" if path else ""


def parse_public_url(text: str) -> str:
    """Parse the address of a page, and remove slashes at its end."""
    if text and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError("must begin with http:// or https://, and have a host")
    return text.rstrip("/")


def parse_anonymous(text: str) -> str:
    """Parse what everybody may do without a login: nothing or view."""
    if text not in {"", "view"}:
        raise ValueError("must be view or empty")
    return text


def parse_networks(text: str) -> tuple[Network, ...]:
    """Parse addresses and networks that are separated by commas or spaces."""
    return tuple(ip_network(word) for word in parse_words(text))


def format_networks(networks: tuple[Network, ...]) -> str:
    """Return the text that `parse_networks` parses to the networks."""
    return ",".join(map(str, networks))


def parse_header_name(text: str) -> str:
    """Parse the name of an HTTP header."""
    if not re.fullmatch(r"[A-Za-z0-9-]*", text):
        raise ValueError("must have only letters, digits and -")
    return text


def _at_least(number: int, minimum: int) -> int:
    if number < minimum:
        raise ValueError(f"must be at least {minimum}")
    return number
