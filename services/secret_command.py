"""The base of commands that give or take away access: what is recorded of them has no secret."""

from typing import ClassVar, Self

import msgspec
from msgspec import Struct

from services.reading import MAX_TS


class SecretCommand(
    Struct, frozen=True, tag_field="do", forbid_unknown_fields=True, omit_defaults=True
):
    """A command that may have a secret, which is None where the command is only recorded."""

    secret_field: ClassVar[str | None] = None

    def without_secret(self) -> Self:
        """Return the command as it may be recorded and logged."""
        if self.secret_field is None:
            return self
        return msgspec.structs.replace(self, **{self.secret_field: None})

    def fault(self) -> str | None:
        """Return the reason why the command is invalid for any database, None if it is valid."""
        return None


def time_fault(start: int, end: int | None = None) -> str | None:
    """Return the reason why a time, or a start and an end, can't be those of access."""
    if not all(0 <= ts <= MAX_TS for ts in (start, end or 0)):
        return "the time must be between 1970 and 2242"
    return "the end must be after the start" if end is not None and end <= start else None
