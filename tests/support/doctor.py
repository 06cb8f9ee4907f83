"""`stripchart doctor`, as an operator runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.support.paths import ROOT


def run_doctor(settings: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the state and the text of each part.

    Args:
        settings: Settings of the command, by the name of the variable.
    """
    command = subprocess.run(
        [sys.executable, "-m", "services.cli", "doctor", "--json"],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert not command.stderr
    document: dict[str, Any] = json.loads(command.stdout)
    assert command.returncode == (0 if document["ok"] else 1)
    return {part["part"]: (part["state"], part["text"]) for part in document["parts"]}
