"""The names of our keys and channels in Redis."""

from typing import NamedTuple, Self


class Keys(NamedTuple):
    """Every key and channel, after the setting CHANNEL."""

    channel: str
    adopted: str
    commands: str
    journal: str
    state: str
    rejected: str
    lease: str

    @classmethod
    def of(cls, channel: str) -> Self:
        """The names that follow this channel's."""
        return cls(channel, *(f"{channel}:{field}" for field in cls._fields[1:]))
