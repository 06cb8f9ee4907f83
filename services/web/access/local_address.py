"""Addresses of our own pages, to which a person goes after a login."""

import re
from typing import Final

from flask import Request

_MAX_CHARS: Final = 4_000

_LOCAL: Final = re.compile(r"[^/\\\s\x00-\x1f\x7f][^\\\s\x00-\x1f\x7f]*")
"""A path relative to the root: no slash at its start, no backslash, no white space."""

_LEAVES_ROOT: Final = re.compile(r"(^|/)(\.|%2e){2}(/|$)", re.IGNORECASE)
_IS_LOGIN: Final = re.compile(r"log(in|out)\b")


def root_of(request: Request) -> str:
    """Return the address of the root, for a page directly below it.

    It is relative if it is not known: the page may be under a path that only a proxy knows.
    """
    return f"{request.script_root}/" if request.script_root else "./"


def local_address(path: str, root: str) -> str:
    """Return the address of one of our pages; that of the root if the path is not one.

    A foreign page may link to the login with any path. The address begins with our root, so it
    always stays on this server. A path that looks like another server is not followed.

    Args:
        path: The path relative to the root, with or without a slash at its start.
        root: The address of the root, with a slash at its end.
    """
    if root.startswith("/"):
        path = path.removeprefix(root.removesuffix("/"))
    path = path.removeprefix("/")
    is_local = (
        len(path) <= _MAX_CHARS
        and _LOCAL.fullmatch(path)
        and not _LEAVES_ROOT.search(re.split(r"[?#]", path, maxsplit=1)[0])
        and not _IS_LOGIN.match(path)
    )
    return root + path if is_local else root
