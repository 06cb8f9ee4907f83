"""What a setting may be: a word of the environment, read as what it stands for.

All of these raise ValueError, with what it must be, for anything else.
"""

_WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}


def parse_yes_or_no(text: str) -> bool:
    """Yes or no."""
    try:
        return _WORDS[text.lower()]
    except KeyError:
        raise ValueError("must be yes or no") from None


def format_yes_or_no(value: bool) -> str:
    """Write what `yes_or_no` reads."""
    return "yes" if value else "no"


def format_flag(value: bool) -> str:
    """Write a setting that is on when it is not empty."""
    return "yes" if value else ""


def parse_words(text: str) -> tuple[str, ...]:
    """Words, separated by commas or spaces."""
    return tuple(text.replace(",", " ").split())


def format_words(value: tuple[str, ...]) -> str:
    """Write what `words` reads."""
    return ",".join(value)


def parse_count(text: str) -> int:
    """A number from 1 on."""
    return _at_least(int(text), 1)


def parse_hours(text: str) -> int:
    """Up to a week of hours."""
    hours = int(text)
    if not 0 <= hours <= 168:  # noqa: PLR2004 (a week)
        raise ValueError("must be 0 to 168")
    return hours


def parse_journal_entries(text: str) -> int:
    """A number of entries of the journal."""
    # The newest that is committed always stays, so a single one would leave no room.
    return _at_least(int(text), 2)


def parse_journal_bytes(text: str) -> int:
    """A number of bytes that the largest message fits into."""
    # The largest message, a thousand readings with the longest names, must fit.
    return _at_least(int(text), 2 << 20)


def parse_rate(text: str) -> float:
    """How often in a second."""
    rate = float(text)
    if not 0 < rate <= 10_000:  # noqa: PLR2004 (a bound with its own sentence)
        raise ValueError("must be above 0 and at most 10000")
    return rate


def parse_port(text: str) -> int:
    """A TCP port."""
    port = int(text)
    if not 0 < port < 65_536:  # noqa: PLR2004 (the range of TCP ports)
        raise ValueError("must be a port, 1 to 65535")
    return port


def parse_log_level(text: str) -> str:
    """A level of the log."""
    level = text.upper()
    return _one_of(level, ("DEBUG", "INFO", "WARNING", "ERROR"))


def parse_seconds(text: str) -> float:
    """Seconds, up to a day."""
    seconds = float(text)
    if not 0.1 <= seconds <= 86_400:  # noqa: PLR2004 (a bound with its own sentence)
        raise ValueError("must be 0.1 to 86400 seconds")
    return seconds


def parse_base_path(text: str) -> str:
    """A path without a slash at its end."""
    path = text.strip("/")
    return f"/{path}" if path else ""


def _at_least(number: int, least: int) -> int:
    if number < least:
        raise ValueError(f"must be at least {least}")
    return number


def _one_of(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise ValueError(f"must be one of {', '.join(words)}")
    return word
