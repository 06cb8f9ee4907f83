"""`stripchart user`: adds, lists and removes the people who may log in."""

import sys
from typing import TextIO

import click
import msgspec

from services.access import ROLES, Role, password_fault, user_name_fault
from services.access_command import (
    AddUser,
    EndSessions,
    RemoveLogins,
    RemoveUser,
    SetPassword,
    SetRole,
)
from services.cli.access_rows import check, count_text, open_access, time_text
from services.cli.commands import carry_out
from services.clock import now_microseconds
from services.passwords import hash_password
from services.reading import ts_to_seconds

_password_option = click.option(
    "--password-file",
    type=click.File("r", encoding="utf-8"),
    metavar="FILE",
    help="File whose first line is the password, - for standard input. Without it, the command"
    " asks for the password twice, or reads it from standard input if that is no terminal.",
)


@click.group()
def user() -> None:
    """Add, list and remove people, who log in on the page with name and password.

    With the first user, everybody has to log in.
    """


@user.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    help="view: look. write: also publish readings. admin: also correct them, and give access."
    " Without it the first user becomes admin, and others get view.",
)
@_password_option
def add(name: str, role: Role | None, password_file: TextIO | None) -> None:
    """Add the user NAME."""
    check(user_name_fault(name))
    password = hash_password(_read_password(password_file))
    is_first = not open_access().read().users
    given = role or ("admin" if is_first else "view")
    carry_out(AddUser(name, given, password, now_microseconds()))
    reason = ", because nobody else could give access" if is_first and role is None else ""
    click.echo(f"{name} is added as {given}{reason}")
    if given != "admin" and all(one.role != "admin" for one in open_access().read().users):
        click.echo(
            "nobody is an admin yet, who can give access on the page:"
            f" `stripchart user role {name} admin` changes that",
            err=True,
        )


@user.command()
@click.argument("name")
@_password_option
def password(name: str, password_file: TextIO | None) -> None:
    """Set the password of the user NAME, and sign the user out everywhere."""
    check(user_name_fault(name))
    carry_out(SetPassword(name, hash_password(_read_password(password_file))))
    click.echo(f"{name} has a new password, and is signed out everywhere")


@user.command()
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
def role(name: str, role: Role) -> None:
    """Give the user NAME another ROLE."""
    check(user_name_fault(name))
    carry_out(SetRole(name, role))
    click.echo(f"{name} has the role {role}")


@user.command("sign-out")
@click.argument("name")
def sign_out(name: str) -> None:
    """Sign the user NAME out everywhere."""
    check(user_name_fault(name))
    carry_out(EndSessions(name))
    click.echo(f"{name} is signed out everywhere")


@user.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
def remove(name: str, yes: bool) -> None:
    """Remove the user NAME."""
    check(user_name_fault(name))
    if not yes:
        click.confirm(f"Remove the user {name}?", abort=True)
    carry_out(RemoveUser(name))
    click.echo(f"{name} is removed")


@user.command("remove-all")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
def remove_all(yes: bool) -> None:
    """Remove every user and every token, so that nobody has to log in.

    Share links stay. Where other machines reach the server by HOST, everybody is refused instead.
    """
    if not yes:
        records = open_access().read()
        counts = f"{count_text(records.users, 'user')} and {count_text(records.tokens, 'token')}"
        click.confirm(
            f"Remove {counts}? Then everybody on this machine, and everybody whom a proxy lets"
            " through, may read, write and delete",
            abort=True,
        )
    carry_out(RemoveLogins())
    click.echo("all users and tokens are removed: nobody has to log in any more")
    click.echo(
        "unless HOST or a proxy for logins reaches beyond this machine: then everybody is refused"
        " until there is a user (docs/access.md)",
        err=True,
    )


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_users(as_json: bool) -> None:
    """List every user: name, role, when added, and number of sessions."""
    records = open_access().read()
    users = [
        {
            "name": stored.name,
            "role": stored.role,
            "created": ts_to_seconds(stored.created_at),
            "sessions": sum(session.user == stored.name for session in records.sessions),
        }
        for stored in records.users
    ]
    if as_json:
        click.echo(msgspec.json.encode({"users": users}))
        return
    for stored, row in zip(records.users, users, strict=True):
        columns = (row["name"], row["role"], time_text(stored.created_at), row["sessions"])
        click.echo("\t".join(map(str, columns)))


def _read_password(file: TextIO | None) -> str:
    """Return the password that somebody types twice, or the first line of a file or of a pipe.

    Raises:
        MalformedError: It is too short or too long.
    """
    if file is None and sys.stdin.isatty():
        text: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        text = (file or sys.stdin).readline().removesuffix("\n").removesuffix("\r")
    check(password_fault(text))
    return text
