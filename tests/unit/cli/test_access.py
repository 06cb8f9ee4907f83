"""`stripchart token` and `stripchart user`: what they print, and what the writer stores."""

import json

import pytest
from click.testing import _NamedTextIOWrapper

from services.access import hash_secret
from services.clock import now_microseconds
from services.passwords import is_password
from services.settings import Settings
from services.store import AccessReader, AccessRecords, reading_engine
from tests.unit.cli.conftest import Call

pytestmark = pytest.mark.redis

DAY = 86_400_000_000


def records(settings: Settings) -> AccessRecords:
    return AccessReader(reading_engine(settings)).read()


def test_new_token_is_printed_once_and_alone(call: Call, settings: Settings) -> None:
    result = call("token", "add", "--scope", "write", "telegraf")
    token = result.stdout.removesuffix("\n")
    assert token.startswith("sct_")
    assert len(token.split()) == 1
    (stored,) = records(settings).tokens
    assert (stored.name, stored.role, stored.hash) == ("telegraf", "write", hash_secret(token))
    assert (stored.series, stored.expires_at, stored.used_at) == (None, None, None)
    assert token not in call("token", "list").output


def test_token_has_an_end_and_series(call: Call, settings: Settings) -> None:
    now = now_microseconds()
    options = ("--expires", "30d", "--series", "cpu.*", "--series", "kitchen")
    assert call("token", "add", "--scope", "view", *options, "wall").exit_code == 0
    (stored,) = records(settings).tokens
    assert stored.series == ("cpu.*", "kitchen")
    assert stored.expires_at is not None
    assert now + 30 * DAY <= stored.expires_at <= now_microseconds() + 30 * DAY
    (listed,) = json.loads(call("token", "list", "--json").stdout)["tokens"]
    assert listed["name"] == "wall"
    assert listed["scope"] == "view"
    assert listed["series"] == ["cpu.*", "kitchen"]
    assert listed["expires"] == stored.expires_at / 1e6
    assert "hash" not in listed


def test_second_token_of_a_name_is_refused(call: Call) -> None:
    call("token", "add", "--scope", "view", "wall")
    result = call("token", "add", "--scope", "view", "wall")
    assert result.exit_code != 0
    assert result.stdout == ""
    assert "there is a token 'wall' already" in result.stderr


def test_end_of_the_last_token_is_told_to_open_everything(call: Call) -> None:
    call("token", "add", "--scope", "view", "wall")
    assert "nobody has to log in any more" in call("token", "revoke", "wall").stderr


def test_revoked_token_is_gone(call: Call) -> None:
    call("token", "add", "--scope", "view", "wall")
    call("token", "add", "--scope", "view", "phone")
    assert call("token", "revoke", "wall").output == "wall is revoked\n"
    assert call("token", "list").output.startswith("phone\t")
    result = call("token", "revoke", "wall")
    assert result.exit_code != 0
    assert "there is no token 'wall'" in result.stderr


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--expires", "soon", "a"], "'soon' is not a duration"),
        (["--expires", "0s", "a"], "the duration must be longer than 0 s"),
        (["--series", "b", "a", "--expires", "5"], "'5' is not a duration"),
        (["--series", "", "a"], "a name must not be empty"),
        ([" "], "the name of a token must not be empty"),
    ],
)
def test_token_that_can_not_be_made_is_refused(call: Call, words: list[str], error: str) -> None:
    result = call("token", "add", "--scope", "view", *words)
    assert result.exit_code != 0
    assert error in result.stderr


def test_user_is_added_changed_and_removed(call: Call, settings: Settings) -> None:
    password = "correct horse"  # noqa: S105 (no real one)
    typed = f"{password}\n{password}\n"
    result = call("user", "add", "--role", "admin", "anna", input=typed)
    assert result.stdout == "anna is added as admin\n"
    (stored,) = records(settings).users
    assert (stored.name, stored.role) == ("anna", "admin")
    assert is_password(password, stored.password)
    assert not is_password("correct", stored.password)
    result = call("user", "role", "anna", "view")
    assert "'anna' is the only admin" in result.stderr
    call("user", "add", "--role", "admin", "ben", input=typed)
    assert call("user", "role", "anna", "view").output == "anna has the role view\n"
    result = call("user", "password", "anna", "--password-file", "-", input="another horse\r\n")
    assert "new password" in result.stdout
    stored, _ = records(settings).users
    assert stored.role == "view"
    assert is_password("another horse", stored.password)
    assert call("user", "sign-out", "anna").output == "anna is signed out everywhere\n"
    listed, _ = json.loads(call("user", "list", "--json").stdout)["users"]
    assert (listed["name"], listed["role"], listed["sessions"]) == ("anna", "view", 0)
    assert call("user", "list").output.startswith("anna\tview\t")
    assert call("user", "remove", "anna", input="y\n").output.endswith("anna is removed\n")
    assert [user.name for user in records(settings).users] == ["ben"]


def test_password_is_asked_for_twice_on_a_terminal(
    call: Call, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_NamedTextIOWrapper, "isatty", lambda _self: True)
    typed = "correct horse\ncorrect hose\n" + 2 * "battery staple\n"
    result = call("user", "add", "anna", input=typed)
    assert "The two entered values do not match" in result.output
    (stored,) = records(settings).users
    assert is_password("battery staple", stored.password)
    assert "battery" not in result.output


def test_password_of_a_pipe_is_read_once(call: Call, settings: Settings) -> None:
    assert call("user", "add", "anna", input="battery staple\n").exit_code == 0
    (stored,) = records(settings).users
    assert is_password("battery staple", stored.password)
    (stored,) = records(settings).users
    assert is_password("battery staple", stored.password)


def test_first_user_is_admin_unless_a_role_is_given(call: Call, settings: Settings) -> None:
    def add(*words: str) -> tuple[str, str]:
        result = call("user", "add", *words, input="battery staple\n")
        return result.stdout, result.stderr

    told = "anna is added as admin, because nobody else could give access\n"
    assert add("anna") == (told, "")
    assert add("ben") == ("ben is added as view\n", "")
    assert [user.role for user in records(settings).users] == ["admin", "view"]
    call("user", "remove-all", "--yes")
    stdout, stderr = add("carla", "--role", "write")
    assert stdout == "carla is added as write\n"
    assert "nobody is an admin yet" in stderr
    stdout, stderr = add("dora")
    assert stdout == "dora is added as view\n"
    assert "`stripchart user role dora admin`" in stderr
    assert add("emil", "--role", "admin")[1] == ""


def test_all_logins_are_removed_after_a_question(call: Call, settings: Settings) -> None:
    call("user", "add", "anna", input="battery staple\n")
    call("token", "add", "--scope", "write", "telegraf")
    result = call("user", "remove-all", input="n\n")
    assert result.exit_code != 0
    assert "Remove 1 user and 1 token?" in result.stdout
    assert records(settings).has_users
    result = call("user", "remove-all", input="y\n")
    assert "nobody has to log in any more" in result.stdout
    assert "everybody is refused" in result.stderr
    assert records(settings) == AccessRecords()
    assert "there is no user and no token" in call("user", "remove-all", "--yes").stderr


def test_short_password_is_refused(call: Call, settings: Settings) -> None:
    result = call("user", "add", "anna", "--password-file", "-", input="short\n")
    assert result.exit_code != 0
    assert "the password must have at least 8 characters" in result.stderr
    assert records(settings).users == ()


def test_password_of_an_unknown_user_is_refused(call: Call) -> None:
    result = call("user", "password", "ben", "--password-file", "-", input="long enough\n")
    assert result.exit_code != 0
    assert "there is no user 'ben'" in result.stderr
