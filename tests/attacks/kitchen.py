"""A system whose attacker may see the kitchen only: by a token for some series, or a share link."""

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final, NamedTuple

from services.access import Role
from services.access_command import AccessCommand
from tests.support.access import bearer, new_share, new_token
from tests.support.stack import Stack
from tests.support.waiting import TIMEOUT_SECONDS

OWN: Final = "kitchen.heat"
SECRET: Final = "secret"  # noqa: S105 (the name of a series)
OTHERS: Final = (SECRET, "cellar")
READING_TIMES: Final = {OWN: 1_763_790_001, "cellar": 1_763_790_002, SECRET: 1_763_790_003}
"""The time of the first reading of each series, in seconds."""
LINK: Final = "l1nk-of-the-kitchen-0123456789abcdefghijklmn"
"""The secret of a link without limits of time; those of the others are "hour" and "range"."""
RANGE: Final = (1_763_790_001_000_000, 1_763_790_001_500_000)
"""The times that the link "range" shows, in microseconds."""
LINE_PATHS: Final = (
    "/write?db=x",
    "/prefix/write?db=x",
    "/api/v2/write?bucket=x",
    "/api/v3/write_lp?db=x",
)
SELECTIONS: Final = (
    "",
    f"series={SECRET}",
    f"series={OWN}&series={SECRET}",
    "series=*",
    "series=*ecre*",
    "series=[s]ecret",
    "series=s?cret",
    "series=%25",
    "series=SECRET",
    "series=%73ecret",
    "series=kitchen.*%00secret",
    "series=%27%20OR%201=1--",
    "measurement=",
    "tag.host=",
    f"measurement={SECRET}",
    "field=*",
)
READS: Final = (
    "/api/history?from=0&before=true",
    "/api/history?from=0&points=1&to=now",
    "/api/statistics?from=0",
    "/api/increase?from=0&per=month",
    "/api/series?",
    "/get_data?",
    "/api/me?",
    "/?",
)
"""Addresses that show series, to which a selection can be added."""

_ROLES: Final[tuple[Role, ...]] = ("view", "write", "admin")


class Answer(NamedTuple):
    """An answer of the web service."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def document(self) -> Any:
        """The decoded JSON."""
        return json.loads(self.text)


def credentials() -> list[AccessCommand]:
    """Return the commands that add a token for all series, and what the attackers have."""
    tokens = [new_token(role, f"kitchen-{role}", ("kitchen.*",)) for role in _ROLES]
    return [
        new_token("admin", "all"),
        *tokens,
        new_share(LINK, "kitchen.*"),
        new_share("hour", "kitchen.*", window_seconds=3_600.0),
        new_share("range", "kitchen.*", start=RANGE[0], end=RANGE[1]),
    ]


def ask(
    stack: Stack,
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    who: str = "",
    link: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request with a token, below a share link, or both.

    Args:
        stack: The system.
        method: The method.
        path: The path, without that of the link.
        body: The body.
        who: The secret of a token, or empty.
        link: The secret of a share link, or empty.
        headers: More headers.
    """
    start = f"/s/{link}" if link else ""
    credential = bearer(who) if who else {}
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=TIMEOUT_SECONDS)
    with closing(connection):
        connection.request(method, f"{start}{path}", body, {**credential, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())


def write(stack: Stack, name: str, values: Mapping[float, float]) -> None:
    """Write readings of a series, by their time, with the token for all series."""
    body = [{"series": name, "value": value, "ts": ts} for ts, value in values.items()]
    answer = ask(stack, "POST", "/api/readings", json.dumps(body).encode(), who="all")
    assert answer.status == 200, answer.text


def state(stack: Stack) -> str:
    """Return the names of all series and views, and all that is known of those of others."""
    query = "&".join(f"series={name}" for name in OTHERS)
    history = ask(stack, "GET", f"/api/history?from=0&to=now&{query}", who="all").document
    listing = ask(stack, "GET", f"/api/series?{query}", who="all").document["series"]
    everything = ask(stack, "GET", "/api/series", who="all").document["series"]
    views = ask(stack, "GET", "/api/views", who="all").document
    return json.dumps([history["series"], listing, [item["name"] for item in everything], views])


def assert_shows_no_other_series(answer: Answer, selection: str) -> None:
    """Assert that an answer has neither the names nor the readings of the others.

    An error, or the page, may repeat the names that were asked for.
    """
    asked_for = selection.replace("&", "=").split("=")
    for name in OTHERS:
        assert json.dumps(name) not in answer.text or name in asked_for, answer.text
        assert str(READING_TIMES[name]) not in answer.text
