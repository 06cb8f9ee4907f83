"""The users of Redis that docs/operations.md describes."""

import re
from collections import defaultdict
from typing import Final

from tests.support.paths import ROOT

PASSWORD: Final = "PASSWORD"  # noqa: S105 (it stands in the document)


def documented_users() -> dict[str, list[str]]:
    """Return the rules of each user, by its name."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    users: dict[str, list[str]] = defaultdict(list)
    for name, rules in re.findall(r"^    ACL SETUSER (\S+) (.+)$", text, re.MULTILINE):
        users[name] += rules.split()
    return users
