"""The scripts in the folder `lua`, which Redis runs."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Final

_NAMES: Final = (
    "acknowledge",
    "announce",
    "append",
    "lease",
    "open",
    "report",
    "request_commit",
    "snapshot",
)
_CALL: Final = re.compile(r"""\bcall\('([A-Z]+)'""")


@cache
def load_script(name: str) -> str:
    """Return the text of a script with the functions that all scripts share."""
    folder = files("services.broker").joinpath("lua")
    parts = [folder.joinpath(f"{part}.lua").read_text("utf-8") for part in ("common", name)]
    return "\n".join(parts)


def commands_at(digest: str, line: int) -> list[str]:
    """Return the commands of Redis that a line of a script calls, none for another script.

    Args:
        digest: The SHA-1 digest of the script, as Redis names it.
        line: The number of the line, from 1 on.
    """
    for text in map(load_script, _NAMES):
        if hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() == digest:
            lines = text.splitlines()
            return _CALL.findall(lines[line - 1]) if 0 < line <= len(lines) else []
    return []
