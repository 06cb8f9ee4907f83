"""Check of files: no other user of the machine can read our data and secrets."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding
from services.settings import Settings
from services.store import database_path

_OTHERS: Final = stat.S_IRWXO
_MAX_NAMES: Final = 3
_DATABASE_SUFFIXES: Final = ("", "-wal", "-shm")


def check_files(examination: Examination, finding: Finding) -> None:
    """Check the modes of the data, of sockets, and of files with secrets."""
    settings = examination.settings
    paths = [*_data_paths(settings), *_secret_paths(os.environ), *_socket_paths(settings)]
    exposed = [path for path in dict.fromkeys(paths) if _is_exposed(path)]
    if not exposed:
        finding.fact("only we and our group can use the data, secrets and sockets")
        return
    names = ", ".join(map(str, exposed[:_MAX_NAMES]))
    more = f" and {len(exposed) - _MAX_NAMES} more" if len(exposed) > _MAX_NAMES else ""
    finding.warn(
        f"every user of this machine can use {names}{more}",
        f"chmod o-rwx {' '.join(map(str, exposed[:_MAX_NAMES]))}",
    )


def _data_paths(settings: Settings) -> Iterator[Path]:
    """Yield the files of the database, its backups, and those in DATA_DIR."""
    database = database_path(settings)
    for suffix in _DATABASE_SUFFIXES:
        yield database.with_name(database.name + suffix)
    for folder in (settings.data_dir, settings.data_dir / "redis", settings.backup_folder):
        try:
            yield from sorted(folder.iterdir())
        except OSError:
            continue


def _secret_paths(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files that hold settings, and the private key for MQTT."""
    names = [f"{name}_FILE" for name, _default, _help in Settings.rows()]
    for name in (*names, "STRIPCHART_MQTT_KEY"):
        if environ.get(name):
            yield Path(environ[name])


def _socket_paths(settings: Settings) -> Iterator[Path]:
    url = urlsplit(settings.redis_url)
    if url.scheme == "unix" and not url.password:
        yield Path(url.path)


def _is_exposed(path: Path) -> bool:
    """Return True if others can read or write a file or socket, and enter its folder."""
    try:
        mode = path.stat().st_mode
        can_enter = path.parent.stat().st_mode & stat.S_IXOTH
    except OSError:
        return False
    if stat.S_ISDIR(mode):
        return False
    return bool(mode & _OTHERS and can_enter)
