"""`stripchart redis-users`: makes users of Redis, with passwords and rights, as files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from services.cli.supervise.redis_rights import ROLES, rights_of
from services.cli.supervise.redis_users import (
    OPERATOR,
    OTHERS,
    hash_password,
    new_password,
    rights_of_others,
    rules_at_start,
)
from services.private_files import make_private_folder, replace_private_file
from services.settings import Settings

_SERVER_FOLDER: Final = "redis"
_PASSWORD_NAME: Final = "password"  # noqa: S105 (the name of a file)
_URL_NAME: Final = "redis.url"
_READABLE: Final = 0o640


@click.command("redis-users")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--host",
    default="127.0.0.1:6379",
    show_default=True,
    metavar="HOST:PORT",
    help="Where the users reach Redis.",
)
@click.option(
    "--database", default=0, show_default=True, type=click.IntRange(0), help="Number of it there."
)
@click.option(
    "--others",
    type=click.Choice(["tools", "none"]),
    default="none",
    show_default=True,
    help="What clients without a password may do: the same as tools, or nothing.",
)
def redis_users(folder: Path, host: str, database: int, others: str) -> None:
    """Write a user of Redis for each role into FOLDER. Passwords that are there are kept.

    FOLDER/ROLE/redis.url is the address with the password, for REDIS_URL_FILE. FOLDER/redis is for
    the server: users.acl, for its option aclfile; rights, the commands that give all users their
    rights, to be sent once it has loaded its data; and the password of the user stripchart, who
    sends them. FOLDER/redis has no password of a role, only digests. If a group may enter it, the
    group may read its files.
    """
    channel = Settings.from_environ().channel
    server = folder / _SERVER_FOLDER
    admin = _read_or_make_password(server / _PASSWORD_NAME)
    commands = [_set_user(OTHERS, rights_of_others(channel) if others == "tools" else ["reset"])]
    for role in ROLES:
        password = _read_or_make_password(folder / role / _PASSWORD_NAME)
        name = f"{OPERATOR}-{role}"
        url = f"redis://{name}:{password}@{host}/{database}"
        _write(folder / role / _URL_NAME, url)
        rules = [*rights_of(role, channel, database), f"#{hash_password(password)}"]
        commands.append(_set_user(name, rules))
    _write(server / "users.acl", rules_at_start(admin).rstrip("\n"))
    _write(server / "rights", "\n".join(commands))


def _set_user(name: str, rules: Sequence[str]) -> str:
    return " ".join(["ACL SETUSER", name, *rules])


def _read_or_make_password(path: Path) -> str:
    make_private_folder(path.parent)
    try:
        password = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        password = ""
    if not password:
        password = new_password()
        _write(path, password)
    return password


def _write(path: Path, text: str) -> None:
    replace_private_file(path, f"{text}\n")
    path.chmod(path.parent.stat().st_mode & _READABLE)
