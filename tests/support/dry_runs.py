"""Dry runs of `stripchart import`."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from services.cli.main import main


def understood(runner: CliRunner, path: Path, *options: str) -> dict[str, Any]:
    """Return the report of a dry run, with the exit status."""
    answer = runner.invoke(main, ["import", "--dry-run", "--json", *options, str(path)])
    assert "Traceback" not in answer.output
    report: dict[str, Any] = json.loads(answer.stdout)
    return report | {"exit": answer.exit_code, "errors": answer.stderr.splitlines()}
