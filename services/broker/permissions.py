"""Missing permissions: what Redis does not allow a user, and what its operator can do.

Redis 6.2, 7.0, later ones and Valkey say it in different words. None of them names the command that
a script of ours was refused before version 7.2, but they name the line of the script.
"""

import re
from typing import Final

from services.broker.lua_scripts import commands_at

_COMMAND: Final = re.compile(r"permissions to run the '([^']+)' command")
_NAMED: Final = re.compile(r"permissions to access the '(.*)' (key|channel)")
_IN_SCRIPT: Final = re.compile(r"can't run this command|lacking the permissions for the command")
_UNNAMED: Final = (
    (
        re.compile(r"permissions to access (a|one of the) channel|can't publish to the channel"),
        ("use a channel", "&CHANNEL &CHANNEL:adopted &CHANNEL:commands"),
    ),
    (
        re.compile(
            r"permissions to access (a|one of the) key|can't access at least one of the key"
        ),
        ("use a key", "~CHANNEL:*, and ~rq:* for jobs"),
    ),
    # Redis-py ignores the refusal of MULTI.
    (re.compile("EXEC without MULTI"), ("run the command MULTI", "+multi")),
)
"""Actions that Redis does not name in full."""

_PLACE: Final = re.compile(r"(?:script: |call to f_)([0-9a-f]{40})\b.*?@user_script:(\d+)")

_SCRIPTING: Final = ("evalsha", "script", "script|load")
_RIGHTS: Final = "docs/operations.md lists the rights of each process"


def explain_refusal(text: str, user: str) -> tuple[str, str] | None:
    """Return a sentence about a missing permission, and a hint for the operator.

    Args:
        text: The error of Redis.
        user: The name of the user of Redis.

    Returns:
        None if the error is about something else.
    """
    refused = _find_refused(text)
    if refused is None:
        return None
    action, rule = refused
    hint = f"give it {rule}; {_RIGHTS}"
    if user == "default":
        hint += "; beside `stripchart up`, leave REDIS_URL unset"
    return f"Redis does not allow the user {user} to {action}", hint


def _find_refused(text: str) -> tuple[str, str] | None:
    """Return the refused action, and the rule that would allow it."""
    if command := _COMMAND.search(text):
        name = command[1].lower()
        rule = "+@scripting, or +evalsha +script|load" if name in _SCRIPTING else f"+{name}"
        return f"run the command {name.upper().replace('|', ' ')}", rule
    if named := _NAMED.search(text):
        return f"use the {named[2]} {named[1]}", f"{'~' if named[2] == 'key' else '&'}{named[1]}"
    if _IN_SCRIPT.search(text):
        return _find_in_script(text)
    return next((refused for pattern, refused in _UNNAMED if pattern.search(text)), None)


def _find_in_script(text: str) -> tuple[str, str]:
    place = _PLACE.search(text)
    names = commands_at(place[1], int(place[2])) if place else []
    if not names:
        return "run a command of a script", "the command"
    rules = " ".join(f"+{name.lower()}" for name in names)
    return f"run the command {' or '.join(names)} in a script", rules
