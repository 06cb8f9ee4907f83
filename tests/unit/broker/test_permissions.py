"""Missing permissions in the words of several versions of Redis."""

import hashlib

import pytest

from services.broker.lua_scripts import load_script
from services.broker.permissions import explain_refusal

APPEND = load_script("append")
DIGEST = hashlib.sha1(APPEND.encode()).hexdigest()  # noqa: S324 (Redis's own)
PUBLISH_LINE = next(
    number for number, line in enumerate(APPEND.splitlines(), 1) if "head .. id" in line
)
PLACE = f"script: {DIGEST}, on @user_script:{PUBLISH_LINE}."
BY_SCRIPT = "The user executing the script can't"
BY_6_2 = f"@user_script: {PUBLISH_LINE}: {BY_SCRIPT} run this command or subcommand"
CHANNEL_RULES = "&CHANNEL &CHANNEL:adopted &CHANNEL:commands"


KEY_RULES = "~CHANNEL:*, and ~rq:* for jobs"
SCRIPT_RULES = "+@scripting, or +evalsha +script|load"

OF_6_2 = [
    (
        "this user has no permissions to run the 'info' command or its subcommand",
        "run the command INFO",
        "+info",
    ),
    (
        "this user has no permissions to access one of the keys used as arguments",
        "use a key",
        KEY_RULES,
    ),
    (
        "this user has no permissions to access one of the channels used as arguments",
        "use a channel",
        CHANNEL_RULES,
    ),
    (
        f"Error running script (call to f_{DIGEST}): @user_script:{PUBLISH_LINE}: {BY_6_2}",
        "run the command PUBLISH in a script",
        "+publish",
    ),
]
OF_7_0 = [
    (
        "this user has no permissions to run the 'evalsha' command",
        "run the command EVALSHA",
        SCRIPT_RULES,
    ),
    (
        "this user has no permissions to run the 'script|load' command",
        "run the command SCRIPT LOAD",
        SCRIPT_RULES,
    ),
    (
        f"{BY_SCRIPT} run this command or subcommand {PLACE}",
        "run the command PUBLISH in a script",
        "+publish",
    ),
    (
        f"{BY_SCRIPT} run this command or subcommand {PLACE}".replace(DIGEST, "0" * 40),
        "run a command of a script",
        "the command",
    ),
    (
        f"{BY_SCRIPT} publish to the channel mentioned in the command {PLACE}",
        "use a channel",
        CHANNEL_RULES,
    ),
    (
        f"{BY_SCRIPT} access at least one of the keys mentioned in the command arguments {PLACE}",
        "use a key",
        KEY_RULES,
    ),
    ("EXEC without MULTI", "run the command MULTI", "+multi"),
]
OF_7_2_AND_VALKEY = [
    ("User bob has no permissions to run the 'xadd' command", "run the command XADD", "+xadd"),
    ("No permissions to access a key", "use a key", KEY_RULES),
    ("No permissions to access a channel", "use a channel", CHANNEL_RULES),
    (
        f"ACL failure in script: User bob has no permissions to access the 'a:state' key {PLACE}",
        "use the key a:state",
        "~a:state",
    ),
    (
        f"ACL failure in script: User bob has no permissions to access the 'a' channel {PLACE}",
        "use the channel a",
        "&a",
    ),
]


@pytest.mark.parametrize(("text", "action", "rule"), [*OF_6_2, *OF_7_0, *OF_7_2_AND_VALKEY])
def test_refusal_names_the_missing_permission(text: str, action: str, rule: str) -> None:
    explained = explain_refusal(text, "bob")
    assert explained is not None
    assert explained[0] == f"Redis does not allow the user bob to {action}"
    assert explained[1] == (f"give it {rule}; docs/operations.md lists the rights of each process")


@pytest.mark.parametrize("text", ["", "unknown command 'XADD'", "Background save in progress"])
def test_other_error_is_no_refusal(text: str) -> None:
    assert explain_refusal(text, "bob") is None


def test_user_without_a_login_is_sent_to_up() -> None:
    explained = explain_refusal("No permissions to access a key", "default")
    assert explained is not None
    assert explained[1].endswith("; beside `stripchart up`, leave REDIS_URL unset")
