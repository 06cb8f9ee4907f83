"""`stripchart backup`: make a backup of the database now, or see which there are."""

from datetime import UTC, datetime

import click

from services.cli.supervise.redis_address import settings_with_redis
from services.concurrency import Shutdown
from services.settings import Settings
from services.store.backup.backups import Backups, in_megabytes


@click.command()
@click.option("--queue", "queued", is_flag=True, help="Let the jobs process make it.")
@click.option("--list", "listed", is_flag=True, help="List the backups that there are.")
def backup(queued: bool, listed: bool) -> None:
    """Make a backup of the database, and delete those that are too many."""
    if queued and listed:
        raise click.UsageError("--queue and --list can't be used together")
    if queued:
        click.echo(_enqueue())
    elif listed:
        _list(Backups(Settings.from_environ()))
    else:
        stop = Shutdown()
        stop.install_signal_handlers()
        click.echo(Backups(Settings.from_environ()).create(lambda: stop.requested))


def _enqueue() -> str:
    from services.broker import Broker  # noqa: PLC0415 (a backup made here needs no Redis)
    from services.jobs.queue import JobQueue  # noqa: PLC0415

    broker = Broker.connect(settings_with_redis())
    job_id = JobQueue(broker).enqueue("backup")
    broker.close()
    return job_id


def _list(backups: Backups) -> None:
    found = backups.list_newest_first()
    for each in found:
        made = datetime.fromtimestamp(each.created_at, UTC)
        click.echo(
            f"{made:%Y-%m-%d %H:%M:%S} UTC  {in_megabytes(each.size_bytes):>12}  {each.path}"
        )
    if not found:
        click.echo("There is no backup yet.")
