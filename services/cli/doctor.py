"""`stripchart doctor`: checks every part, and gives advice about problems."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import click

from services.broker import Broker
from services.cli.checks.access import check_access
from services.cli.checks.database import check_database, check_losses, check_rollups
from services.cli.checks.disk import check_backups, check_disk
from services.cli.checks.examination import Examination
from services.cli.checks.files import check_files
from services.cli.checks.finding import Finding, State
from services.cli.checks.processes import check_jobs, check_web
from services.cli.checks.proxy import check_proxy
from services.cli.checks.redis import check_journal, check_redis, check_writer
from services.errors import SettingError, StripchartError
from services.network_exposure import check_network_exposure
from services.redis_address import with_redis
from services.settings import Settings
from services.store import has_users


class _Check(NamedTuple):
    """The check of one part.

    Attributes:
        part: Name of the part.
        run: Adds facts to the finding.
        needs_redis: True if the check is only possible while Redis answers.
        needs_database: True if the check is only possible while the database can be read.
    """

    part: str
    run: Callable[[Examination, Finding], None]
    needs_redis: bool = False
    needs_database: bool = False


_CHECKS: Final = (
    _Check("redis", check_redis),
    _Check("journal", check_journal, needs_redis=True),
    _Check("writer", check_writer, needs_redis=True),
    _Check("database", check_database),
    _Check("rollups", check_rollups, needs_database=True),
    _Check("losses", check_losses, needs_database=True),
    _Check("backups", check_backups),
    _Check("disk", check_disk),
    _Check("files", check_files),
    _Check("access", check_access, needs_database=True),
    _Check("web", check_web),
    _Check("proxy", check_proxy),
    _Check("jobs", check_jobs, needs_redis=True),
)


@click.command()
@click.option(
    "--thorough",
    is_flag=True,
    help="Also read every page of database and backup, and try common passwords.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(thorough: bool, as_json: bool) -> None:
    """Check every part, and print what to do about problems.

    There is a line for each part: ok, warn (it works but needs attention) or wrong (it does not
    work). The exit status is 1 if any part is wrong.
    """
    findings = []
    for finding in examine(thorough=thorough):
        findings.append(finding)
        if not as_json:
            click.echo(finding)
    ok = all(finding.state is not State.WRONG for finding in findings)
    if as_json:
        parts = [
            {"part": f.part, "state": f.state, "text": f.text, "advice": f.advice} for f in findings
        ]
        click.echo(json.dumps({"ok": ok, "parts": parts}, ensure_ascii=False))
    sys.exit(0 if ok else 1)


def examine(*, thorough: bool = False) -> Iterator[Finding]:
    """Check one part after the other. Errors become findings.

    Args:
        thorough: True to check also what takes long.
    """
    settings, errors = Settings.from_environ_with_defaults()
    try:
        settings = with_redis(settings)
        broker = Broker.connect(settings)
    except SettingError as error:
        errors.append(error)
        settings = replace(settings, redis_url=Settings.from_environ({}).redis_url)
        broker = Broker.connect(settings)
    yield _check_settings(settings, errors)
    examination = Examination(settings, broker, thorough=thorough)
    for check in _CHECKS:
        yield _run_check(check, examination)
    broker.close()


def _check_settings(settings: Settings, errors: list[SettingError]) -> Finding:
    finding = Finding("settings")
    try:
        check_network_exposure(settings, lambda: has_users(settings))
    except SettingError as error:
        errors.append(error)
    for each in errors:
        finding.error(each)
    if not settings.durable:
        finding.warn("STRIPCHART_DURABLE=no: Redis keeps nothing on disk")
    finding.fact(f"the data is in {Path(settings.data_dir).absolute()}")
    return finding


def _run_check(check: _Check, examination: Examination) -> Finding:
    finding = Finding(check.part)
    try:
        if check.needs_redis and not examination.redis_answers:
            finding.warn("not known while Redis does not answer")
        elif check.needs_database and examination.database_or_none is None:
            finding.warn("not known while the database can't be read")
        else:
            check.run(examination, finding)
    except StripchartError as error:
        finding.error(error)
    except Exception as error:  # noqa: BLE001 (the other parts are still checked)
        kind = type(error).__name__
        finding.fail(f"the check failed: {kind}: {error}", "report this as a bug")
    return finding
