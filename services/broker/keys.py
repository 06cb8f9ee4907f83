"""The names of the keys and channels in Redis."""

from typing import NamedTuple, Self


class Keys(NamedTuple):
    """Every key and channel; all names begin with the setting CHANNEL."""

    channel: str
    adopted: str
    commands: str
    journal: str
    state: str
    rejected: str
    lease: str
    backlog: str
    databases: str
    requests: str
    limits: str
    reports: str

    @classmethod
    def of(cls, channel: str) -> Self:
        """Return the names for a channel."""
        return cls(channel, *(f"{channel}:{field}" for field in cls._fields[1:]))
