"""Findings of `stripchart doctor` about access, files and the proxy."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from services.access_command import AccessCommand, AddToken, AddUser
from services.broker import Broker
from services.cli.checks.access import check_access
from services.cli.checks.examination import Examination
from services.cli.checks.files import check_files
from services.cli.checks.finding import Finding, State
from services.cli.checks.proxy import check_proxy
from services.clock import now_microseconds
from services.position import Checkpoint, Cursor, EntryId
from services.private_files import make_private_folder
from services.reading import MICROSECONDS
from services.settings import Settings
from services.share_command import AddShare
from services.store import Recorder, WriteBatch

Check = Callable[[Examination, Finding], None]
DAY = 86_400 * MICROSECONDS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environ({"DATA_DIR": str(tmp_path / "data")})


@pytest.fixture
def apply(recorder: Recorder) -> Callable[[AccessCommand], None]:
    """Return a function that carries out a command."""
    entries = iter(range(1, 100))

    def carry_out(command: AccessCommand) -> None:
        entry = next(entries)
        checkpoint = Checkpoint(Cursor("a", EntryId(entry, 0)), entry, 0)
        result = recorder.commit(WriteBatch(command=command), checkpoint)
        assert result.command is not None
        assert result.command.refusal == ""

    return carry_out


def examine(check: Check, settings: Settings, *, thorough: bool = False) -> Finding:
    finding = Finding("part")
    broker = Broker.connect(settings)
    check(Examination(settings, broker, thorough=thorough), finding)
    broker.close()
    return finding


def user(name: str, password: str = "scrypt:1") -> AddUser:  # noqa: S107 (no real one)
    return AddUser(name, "admin", password, now_microseconds())


def token(name: str, number: int, age: int = 0, expires_at: int | None = None) -> AddToken:
    created_at = now_microseconds() - age
    return AddToken(name, "write", f"{number:064x}", created_at, expires_at)


def test_page_without_a_login_is_fine_on_loopback_only(settings: Settings) -> None:
    assert str(examine(check_access, settings)).endswith("only this machine reaches the page")
    refused = examine(check_access, replace(settings, proxy_user_header="Remote-User"))
    assert refused.text == "everybody is refused until there is a user"
    for more in ({"host": "0.0.0.0"}, {"allowed_hosts": ("a.b",)}, {"public_url": "http://a.b"}):
        finding = examine(check_access, replace(settings, **more))
        assert finding.state is State.WARN
        assert "may read and write" in finding.text
        assert finding.advice == ["add one: `stripchart user add NAME --role admin`"]


def test_login_is_fine(settings: Settings, apply: Callable[[AccessCommand], None]) -> None:
    apply(user("maria"))
    apply(token("telegraf", 1, expires_at=now_microseconds() + DAY))
    finding = examine(check_access, replace(settings, host="0.0.0.0"))
    assert finding.state is State.OK
    assert finding.text == "everybody has to log in: 1 user, 1 token, 0 share links"


def test_open_network_beside_a_login_is_reported(
    settings: Settings, apply: Callable[[AccessCommand], None]
) -> None:
    apply(user("maria"))
    finding = examine(check_access, replace(settings, open_network=True, anonymous="view"))
    assert finding.state is State.WARN
    assert "everybody may look" in finding.text
    assert finding.advice == ["unset it"]


def test_wide_network_that_may_name_users_is_reported(
    settings: Settings, apply: Callable[[AccessCommand], None]
) -> None:
    apply(user("maria"))
    for network, state in (("127.0.0.1", State.OK), ("172.16.0.0/12", State.WARN)):
        more = Settings.from_environ(
            {"STRIPCHART_PROXY_NETWORKS": network, "STRIPCHART_PROXY_USER_HEADER": "Remote-User"}
        )
        trusting = replace(
            settings,
            proxy_networks=more.proxy_networks,
            proxy_user_header=more.proxy_user_header,
        )
        finding = examine(check_access, trusting)
        assert finding.state is state
        assert (network in finding.text) == (state is State.WARN)


def test_tokens_that_nobody_uses_or_that_never_end_are_reported(
    settings: Settings, apply: Callable[[AccessCommand], None]
) -> None:
    apply(token("old", 1, age=91 * DAY))
    apply(token("new", 2, age=89 * DAY))
    apply(token("ended", 3, age=91 * DAY, expires_at=now_microseconds() - DAY))
    apply(AddToken("root", "admin", f"{4:064x}", now_microseconds(), None))
    apply(AddShare("0" * 8, f"{5:064x}", "Home", ("a",), now_microseconds(), None))
    finding = examine(check_access, settings)
    assert finding.state is State.WARN
    for text in (
        "tokens that have ended: ended;",
        "tokens not used for 3 months: old;",
        "tokens of an admin without an end: root;",
        "tokens without an end: new, old;",
        "share links without an end: Home",
    ):
        assert text in f"{finding.text};", text


def test_missing_admin_is_reported(
    settings: Settings, apply: Callable[[AccessCommand], None]
) -> None:
    apply(token("telegraf", 1))
    assert "nobody has the role admin" in examine(check_access, settings).text


def test_common_password_is_found_only_by_a_thorough_check(
    settings: Settings, apply: Callable[[AccessCommand], None]
) -> None:
    # A hash that takes less time than a real one.
    apply(user("maria", generate_password_hash("Maria123", "pbkdf2:sha256:1")))
    apply(user("paul", generate_password_hash("correct horse battery", "pbkdf2:sha256:1")))
    assert examine(check_access, settings).state is State.OK
    finding = examine(check_access, settings, thorough=True)
    assert finding.state is State.WRONG
    assert finding.advice == ["set another: `stripchart user password maria`"]


def test_files_that_others_can_read_are_reported(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_private_folder(settings.data_dir)
    secret = tmp_path / "mqtt"
    monkeypatch.setenv("STRIPCHART_MQTT_PASSWORD_FILE", str(secret))
    for path in (settings.data_dir / "readings.db", secret):
        path.write_text("x")
        path.chmod(0o644)
    tmp_path.chmod(0o755)
    # Nobody else can enter its folder.
    assert examine(check_files, settings).advice == [f"chmod o-rwx {secret}"]
    settings.data_dir.chmod(0o755)
    finding = examine(check_files, settings)
    assert finding.state is State.WARN
    assert str(settings.data_dir / "readings.db") in finding.text
    for mode in (0o602, 0o601):
        secret.chmod(mode)
        assert str(secret) in examine(check_files, settings).text
    for path in (settings.data_dir / "readings.db", secret):
        path.chmod(0o640)
    assert examine(check_files, settings).state is State.OK


def test_socket_of_redis_that_others_can_use_is_reported(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)  # The path of a socket must be short.
    address = tmp_path / "redis.sock"
    with closing(socket.socket(socket.AF_UNIX)) as redis:
        redis.bind(address.name)
        address.chmod(0o666)
        local = replace(settings, redis_url=f"unix://{address}")
        assert examine(check_files, local).advice == [f"chmod o-rwx {address}"]
        # With a password, others may connect.
        asks = replace(settings, redis_url=f"unix://:secret@{address}")
        assert examine(check_files, asks).state is State.OK
        address.chmod(0o660)
        assert examine(check_files, local).state is State.OK


@contextmanager
def proxy(livez: tuple[int, object], live: int = 101, *, has_headers: bool = True) -> Iterator[str]:
    """Serve these answers, and return the address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            status, document = livez if self.path == "/charts/livez" else (live, {})
            body = json.dumps(document).encode()
            self.send_response(status)
            if has_headers:
                self.send_header("Content-Security-Policy", "default-src 'self'")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815 (names of http.server)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.005,)).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/charts"
        server.shutdown()


def test_public_address_that_is_not_set_is_not_checked(settings: Settings) -> None:
    assert examine(check_proxy, settings).state is State.OK


@pytest.mark.parametrize(
    ("answers", "state", "text"),
    [
        (((200, {"ok": True}), 101, True), State.OK, "leads to the page"),
        (((200, {"ok": True}), 401, True), State.OK, "leads to the page"),
        (((200, {"ok": True}), 426, True), State.WARN, "does not pass WebSockets on"),
        (((200, {"ok": True}), 502, True), State.WARN, "a WebSocket is answered with 502"),
        (((200, {"ok": True}), 101, False), State.WARN, "removes our security headers"),
        (
            ((403, {"reason": "host", "error": "unknown"}), 403, True),
            State.WRONG,
            "refused: unknown",
        ),
        (((200, ["ok"]), 200, True), State.WRONG, "does not lead to Stripchart"),
        (((502, {}), 502, True), State.WRONG, "answers 502"),
    ],
)
def test_public_address_is_checked(
    settings: Settings, answers: tuple[tuple[int, object], int, bool], state: State, text: str
) -> None:
    livez, live, has_headers = answers
    with proxy(livez, live, has_headers=has_headers) as url:
        finding = examine(check_proxy, replace(settings, public_url=url))
    assert (finding.state, text in finding.text) == (state, True), str(finding)


def test_public_address_without_an_answer_or_https_is_reported(settings: Settings) -> None:
    finding = examine(check_proxy, replace(settings, public_url="http://charts.invalid"))
    assert finding.state is State.WARN
    assert "without HTTPS everybody on the way" in finding.text
    assert "can't be reached from this machine" in finding.text
