"""`stripchart share`: makes, lists and revokes share links."""

import io
import socket
from collections.abc import Sequence

import click
import msgspec
import segno

from services.access import share_id_fault
from services.cli.access_rows import check, open_access, time_text
from services.cli.commands import carry_out
from services.clock import now_microseconds
from services.formats.durations import NEVER
from services.formats.shares import DEFAULT_SHARE_LIFE, ShareRequest
from services.settings import Settings
from services.share_command import RevokeShare
from services.store import StoredShare
from services.web.access.share_schemas import ShareItem, ShareList

_ANY_HOSTS = {"", "0.0.0.0", "::"}  # noqa: S104 (compared, not bound)


@click.group()
def share() -> None:
    """Make, list and revoke share links.

    Everybody who has a link can look at its series or view, and at nothing else, without a login.
    """


@share.command()
@click.argument("title")
@click.option(
    "--series",
    multiple=True,
    metavar="NAME",
    help="A series to show, or a pattern with *. May be repeated.",
)
@click.option("--view", metavar="NAME", help="A view to show, instead of series.")
@click.option(
    "--expires",
    metavar="DURATION",
    default=DEFAULT_SHARE_LIFE,
    show_default=True,
    help=f"Time after which the link ends, such as 1h, or {NEVER}.",
)
@click.option("--window", metavar="DURATION", help="Only the newest time, such as 24h.")
@click.option("--from", "start", metavar="TIME", help="Only a range: its start.")
@click.option("--to", "end", metavar="TIME", help="Only a range: its end.")
@click.option("--qr", "with_qr", is_flag=True, help="Also print a QR code of the link.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(
    title: str,
    *,
    series: Sequence[str],
    view: str | None,
    expires: str,
    window: str | None,
    start: str | None,
    end: str | None,
    with_qr: bool,
    as_json: bool,
) -> None:
    """Make a share link with this TITLE and print it, once: only its hash is kept."""
    if with_qr and as_json:
        raise click.UsageError("--qr is for people, --json for programs: choose one")
    if bool(series) == (view is not None):
        raise click.UsageError("give --series, or --view to share a view")
    wanted = ShareRequest(list(series), title, expires, window, start, end, view)
    secret, command = wanted.make(now_microseconds())
    carry_out(command)
    link = f"{_page_address(Settings.from_environ())}s/{secret}/"
    if as_json:
        click.echo(msgspec.json.encode({"id": command.share, "link": link}))
        return
    if with_qr:
        click.echo(_qr_code(link), nl=False)
    click.echo(f"share {command.share}: `stripchart share revoke {command.share}` ends it")
    click.echo(link)


@share.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_shares(as_json: bool) -> None:
    """List every share link: id, title, when it ends, who made it, and its series or view."""
    shares = open_access().read().shares
    if as_json:
        click.echo(
            msgspec.json.encode(ShareList([ShareItem.of_stored(stored) for stored in shares]))
        )
        return
    for stored in shares:
        click.echo("\t".join(_columns(stored)))


@share.command()
@click.argument("share_id", metavar="ID")
def revoke(share_id: str) -> None:
    """Revoke the share link ID. Pages that use it are closed."""
    check(share_id_fault(share_id))
    carry_out(RevokeShare(share_id))
    click.echo(f"{share_id} is revoked")


def _page_address(settings: Settings) -> str:
    """Return the address of the page, with a slash at its end."""
    if settings.public_url:
        return f"{settings.public_url}/"
    host = socket.gethostname() if settings.host in _ANY_HOSTS else settings.host
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.port}{settings.base_path}/"


def _qr_code(link: str) -> str:
    """Return a QR code as lines of blocks, for a terminal with a dark background."""
    lines = io.StringIO()
    segno.make_qr(link).terminal(lines, compact=True)
    return lines.getvalue()


def _columns(stored: StoredShare) -> Sequence[str]:
    return (
        stored.id,
        stored.title,
        NEVER if stored.expires_at is None else time_text(stored.expires_at),
        stored.creator,
        " ".join(stored.series) if stored.view is None else f"view {stored.view}",
    )
