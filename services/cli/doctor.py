"""`stripchart doctor`: how every part is, and what to do about those that are not well."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import click

from services.broker import Broker
from services.cli.checks.database import check_database, check_losses, check_rollups
from services.cli.checks.disk import check_backups, check_disk
from services.cli.checks.examination import Examination
from services.cli.checks.finding import Finding, State
from services.cli.checks.processes import check_jobs, check_web
from services.cli.checks.redis import check_journal, check_redis, check_writer
from services.cli.supervise.redis_address import with_redis
from services.errors import SettingError, StripchartError
from services.network_exposure import check_network_exposure
from services.settings import Settings


class _Check(NamedTuple):
    """A part, how it is checked, and whether Redis and the database must answer for that."""

    part: str
    look: Callable[[Examination, Finding], None]
    redis: bool = False
    database: bool = False


_CHECKS: Final = (
    _Check("redis", check_redis),
    _Check("journal", check_journal, redis=True),
    _Check("writer", check_writer, redis=True),
    _Check("database", check_database),
    _Check("rollups", check_rollups, database=True),
    _Check("losses", check_losses, database=True),
    _Check("backups", check_backups),
    _Check("disk", check_disk),
    _Check("web", check_web),
    _Check("jobs", check_jobs, redis=True),
)


@click.command()
@click.option("--thorough", is_flag=True, help="Also read every page of database and backup.")
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON object.")
def doctor(thorough: bool, as_json: bool) -> None:
    """Check every part, and say what to do about those that are not well.

    Each part has a line: ok, look (it works, but see for yourself) or wrong. Ends with status 1 if
    anything is wrong.
    """
    found = []
    for finding in examine(thorough=thorough):
        found.append(finding)
        if not as_json:
            click.echo(finding)
    well = all(finding.state is not State.WRONG for finding in found)
    if as_json:
        parts = [
            {"part": f.part, "state": f.state, "text": f.text, "advice": f.advice} for f in found
        ]
        click.echo(json.dumps({"ok": well, "parts": parts}, ensure_ascii=False))
    sys.exit(0 if well else 1)


def examine(*, thorough: bool = False) -> Iterator[Finding]:
    """Check one part after the other. Nothing is raised: what fails is a finding."""
    settings, errors = Settings.from_environ_with_defaults()
    settings = with_redis(settings)
    try:
        broker = Broker.connect(settings)
    except SettingError as error:
        errors.append(error)
        settings = replace(settings, redis_url=Settings.from_environ({}).redis_url)
        broker = Broker.connect(settings)
    yield _check_settings(settings, errors)
    case = Examination(settings, broker, thorough=thorough)
    for check in _CHECKS:
        yield _examined(check, case)
    broker.close()


def _check_settings(settings: Settings, errors: list[SettingError]) -> Finding:
    finding = Finding("settings")
    try:
        check_network_exposure(settings)
    except SettingError as error:
        errors.append(error)
    for each in errors:
        finding.error(each)
    if not settings.durable:
        finding.warn("STRIPCHART_DURABLE=no: Redis keeps nothing on disk")
    finding.fact(f"the data is in {Path(settings.data_dir).absolute()}")
    return finding


def _examined(check: _Check, case: Examination) -> Finding:
    finding = Finding(check.part)
    try:
        if check.redis and not case.redis_answers:
            finding.warn("not known while Redis can't be asked")
        elif check.database and case.survey is None:
            finding.warn("not known while the database can't be asked")
        else:
            check.look(case, finding)
    except StripchartError as error:
        finding.error(error)
    except Exception as error:  # noqa: BLE001 (the other parts are checked all the same)
        kind = type(error).__name__
        finding.fail(f"it could not be checked: {kind}: {error}", "report this as a fault")
    return finding
