"""`stripchart backup`: makes a backup of the database now, or lists the backups."""

from datetime import UTC, datetime

import click

from services.broker import Broker
from services.cli.fresh_database import settings_of_fresh_database
from services.concurrency import Shutdown
from services.redis_address import settings_with_redis
from services.settings import Settings
from services.store.backup.backups import Backups
from services.units import format_bytes


@click.command()
@click.option("--queue", "queue", is_flag=True, help="Let the jobs process make the backup.")
@click.option("--list", "list_", is_flag=True, help="List the backups.")
def backup(queue: bool, list_: bool) -> None:
    """Make a backup of the database.

    Then the oldest backups are deleted; STRIPCHART_BACKUPS is the number to keep.
    """
    if queue and list_:
        raise click.UsageError("--queue and --list can't be used together")
    if queue:
        click.echo(_enqueue())
    elif list_:
        _list(Backups(Settings.from_environ()))
    else:
        shutdown = Shutdown()
        shutdown.install_signal_handlers()
        backups = Backups(settings_of_fresh_database())
        click.echo(backups.create(lambda: shutdown.requested))


def _enqueue() -> str:
    from services.jobs.queue import JobQueue  # noqa: PLC0415 (RQ takes long to import)

    broker = Broker.connect(settings_with_redis())
    job_id = JobQueue(broker).enqueue("backup")
    broker.close()
    return job_id


def _list(backups: Backups) -> None:
    newest_first = backups.list_newest_first()
    ahead = backups.list_dated_ahead()
    for each in newest_first:
        made = datetime.fromtimestamp(each.created_at, UTC)
        size = format_bytes(each.size_bytes)
        note = "  (this date lies ahead)" if each in ahead else ""
        click.echo(f"{made:%Y-%m-%d %H:%M:%S} UTC  {size:>12}  {each.path}{note}")
    if not newest_first:
        click.echo("There is no backup yet.")
