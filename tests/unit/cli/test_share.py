"""`stripchart share`: what it prints, and what the writer stores."""

import json

import pytest

from services.access import hash_secret
from services.clock import now_microseconds
from services.settings import Settings
from services.store import AccessReader, StoredShare, reading_engine
from tests.unit.cli.conftest import Call

pytestmark = pytest.mark.redis

HOUR = 3_600_000_000


def shares(settings: Settings) -> tuple[StoredShare, ...]:
    return AccessReader(reading_engine(settings)).read().shares


def test_link_is_printed_last_and_only_its_hash_is_kept(call: Call, settings: Settings) -> None:
    now = now_microseconds()
    options = ("--series", "kitchen", "--series", "cpu.*", "--expires", "1h")
    result = call("share", "add", *options, "Our kitchen")
    assert result.exit_code == 0, result.output
    link = result.stdout.splitlines()[-1]
    start, secret, end = link.rsplit("/", 2)
    assert (start, end) == ("http://127.0.0.1:5000/s", "")
    (stored,) = shares(settings)
    assert (stored.title, stored.series) == ("Our kitchen", ("kitchen", "cpu.*"))
    assert stored.hash == hash_secret(secret)
    assert (stored.window_seconds, stored.start, stored.end, stored.creator) == (None,) * 3 + ("",)
    assert stored.expires_at is not None
    assert now + HOUR <= stored.expires_at <= now_microseconds() + HOUR
    assert f"stripchart share revoke {stored.id}" in result.stdout
    assert secret not in call("share", "list").output


@pytest.mark.parametrize(
    ("env", "start"),
    [
        ({"STRIPCHART_PUBLIC_URL": "https://charts.example/home"}, "https://charts.example/home"),
        ({"BASE_PATH": "/charts", "PORT": "80"}, "http://127.0.0.1:80/charts"),
        ({"HOST": "::1"}, "http://[::1]:5000"),
    ],
)
def test_link_begins_with_the_address_of_the_page(
    call: Call, env: dict[str, str], start: str
) -> None:
    result = call("share", "add", "--series", "kitchen", "--json", "", env=env)
    document = json.loads(result.stdout)
    assert document.keys() == {"id", "link"}
    assert document["link"].startswith(f"{start}/s/")


def test_window_and_range_are_kept(call: Call, settings: Settings) -> None:
    options = ("--series", "kitchen", "--expires", "never")
    assert call("share", "add", *options, "--window", "24h", "Day").exit_code == 0
    times = ("--from", "1700000000", "--to", "2023-11-15T00:00:00Z")
    assert call("share", "add", *options, *times, "Range").exit_code == 0
    by_title = {stored.title: stored for stored in shares(settings)}
    assert by_title["Day"].window_seconds == 86_400
    assert by_title["Day"].expires_at is None
    assert by_title["Range"].start == 1_700_000_000_000_000
    assert by_title["Range"].end == 1_700_006_400_000_000
    listed = json.loads(call("share", "list", "--json").stdout)["shares"]
    documents = {document["title"]: document for document in listed}
    assert documents["Day"].keys() == {
        "id", "title", "series", "window", "from", "to", "created", "expires", "creator",
        "view",
    }  # fmt: skip
    assert (documents["Day"]["window"], documents["Day"]["expires"]) == (86_400, None)
    assert (documents["Range"]["from"], documents["Range"]["to"]) == (1_700_000_000, 1_700_006_400)


def test_qr_code_is_printed_before_the_link(call: Call) -> None:
    result = call("share", "add", "--series", "kitchen", "--qr", "Kitchen")
    *code, _hint, link = result.stdout.splitlines()
    assert link.startswith("http://127.0.0.1:5000/s/")
    assert len(code) > 15
    assert set("".join(code)) <= set(" █▀▄")


def test_view_is_shared_until_it_is_deleted(call: Call, settings: Settings) -> None:
    document = '{"title": "Home", "panels": [{"series": ["kitchen"]}]}'
    call("views", "import", "home", input=document)
    assert call("share", "add", "--view", "home", "Ours").exit_code == 0
    (stored,) = shares(settings)
    assert (stored.view, stored.series, stored.title) == ("home", (), "Ours")
    assert call("share", "list").output.endswith("\tview home\n")
    call("views", "delete", "home", input="y\n")
    assert shares(settings) == ()


def test_revoked_share_is_gone(call: Call) -> None:
    id_ = json.loads(call("share", "add", "--series", "a", "--json", "A").stdout)["id"]
    assert call("share", "list").output.startswith(f"{id_}\tA\t")
    assert call("share", "revoke", id_).output == f"{id_} is revoked\n"
    assert call("share", "list").output == ""
    result = call("share", "revoke", id_)
    assert result.exit_code != 0
    assert f"there is no share '{id_}'" in result.stderr


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["A"], "give --series, or --view to share a view"),
        (["--series", "a", "--view", "home", "A"], "give --series, or --view to share a view"),
        (["--view", "absent", "A"], "there is no view 'absent'"),
        (["--view", "a b", "A"], "the name of a view may only have letters"),
        (["--series", "a", "--expires", "soon", "A"], "'soon' is not a duration"),
        (["--series", "a", "--expires", "0s", "A"], "the duration must be longer than 0 s"),
        (["--series", "a", "--window", "0s", "A"], "the window must be longer than 0 s"),
        (["--series", "a", "--window", "9999999w", "A"], "at most 100 years"),
        (["--series", "a", "--expires", "999999999w", "A"], "between 1970 and 2242"),
        (["--series", "a", "--from", "1", "--to", "999999999999", "A"], "between 1970 and 2242"),
        (["--series", "a", "--from", "-1", "--to", "1", "A"], "between 1970 and 2242"),
        (["--series", "a", "--from", "1700000000", "A"], "a range needs both"),
        (["--series", "a", "--from", "2", "--to", "1", "A"], "from must be before to"),
        (
            ["--series", "a", "--window", "1h", "--from", "1", "--to", "2", "A"],
            "give a window or a range, not both",
        ),
        (["--series", "a", "x" * 201], "title must have at most 200"),
        (["--series", "", "A"], "series"),
        (["--series", "a", "--qr", "--json", "A"], "choose one"),
    ],
)
def test_share_that_can_not_be_made_is_refused(
    call: Call, settings: Settings, words: list[str], error: str
) -> None:
    result = call("share", "add", *words)
    assert result.exit_code != 0
    assert error in result.stderr
    assert result.stdout == ""
    assert shares(settings) == ()


def test_unknown_id_is_refused(call: Call) -> None:
    result = call("share", "revoke", "kitchen")
    assert result.exit_code != 0
    assert "the id of a share has 8 hexadecimal digits" in result.stderr
