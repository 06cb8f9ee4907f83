"""`stripchart token`: makes, lists and revokes the tokens with which programs log in."""

from collections.abc import Sequence
from typing import Final

import click
import msgspec

from services.access import ROLES, Role, hash_secret, new_token, series_fault, token_name_fault
from services.access_command import AddToken, RevokeToken
from services.cli.access_rows import check, open_access, time_text
from services.cli.commands import carry_out
from services.clock import now_microseconds
from services.formats.durations import NEVER, parse_end
from services.reading import ts_to_seconds
from services.store import StoredToken

_OPEN_AGAIN: Final = (
    "that was the last token, and there is no user: nobody has to log in any more."
    " `stripchart user add NAME --role admin` changes that"
)


@click.group()
def token() -> None:
    """Make, list and revoke tokens, with which programs log in.

    A program sends its token as `Authorization: Bearer TOKEN`, as `Token TOKEN`, or as the password
    of any user. With the first token, everybody has to log in.
    """


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(ROLES),
    required=True,
    help="view: read. write: also publish readings. admin: also correct them, and give access.",
)
@click.option(
    "--expires",
    metavar="DURATION",
    default=NEVER,
    show_default=True,
    help="Time after which it ends, such as 90d.",
)
@click.option(
    "--series",
    multiple=True,
    metavar="NAME",
    help="Only for this series, or a pattern with *. May be repeated.",
)
def add(name: str, scope: Role, expires: str, series: Sequence[str]) -> None:
    """Make a token called NAME and print it, once: only its hash is kept."""
    now = now_microseconds()
    check(token_name_fault(name))
    if series:
        check(series_fault(series))
    text = new_token()
    end = parse_end(expires, now)
    carry_out(AddToken(name, scope, hash_secret(text), now, end, tuple(series) or None))
    click.echo(text)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_tokens(as_json: bool) -> None:
    """List every token: name, scope, when it ends, when it was last used, and its series."""
    tokens = open_access().read().tokens
    if as_json:
        click.echo(msgspec.json.encode({"tokens": [_document(stored) for stored in tokens]}))
        return
    for stored in tokens:
        click.echo("\t".join(_columns(stored)))


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke the token NAME. Connections that use it are closed."""
    carry_out(RevokeToken(name))
    click.echo(f"{name} is revoked")
    if not open_access().read().has_users:
        click.echo(_OPEN_AGAIN, err=True)


def _columns(stored: StoredToken) -> Sequence[str]:
    return (
        stored.name,
        stored.role,
        NEVER if stored.expires_at is None else time_text(stored.expires_at),
        "not used" if stored.used_at is None else time_text(stored.used_at),
        " ".join(stored.series or ()),
    )


def _document(stored: StoredToken) -> dict[str, object]:
    return {
        "name": stored.name,
        "scope": stored.role,
        "series": stored.series,
        "created": ts_to_seconds(stored.created_at),
        "expires": None if stored.expires_at is None else ts_to_seconds(stored.expires_at),
        "used": None if stored.used_at is None else ts_to_seconds(stored.used_at),
    }
