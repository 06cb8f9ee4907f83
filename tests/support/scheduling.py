"""The order of the tests, and their distribution to the workers of pytest-xdist."""

import pytest
from xdist.scheduler import LoadFileScheduling

# Their tests wait for processes. They run first, so that other workers compute meanwhile.
_FIRST_FOLDERS = ("tests/browser/", "tests/system/", "tests/resume/", "tests/faults/")
# Chromium and the processes of a demo take seconds of CPU to start: each worker needs its own.
_IN_ONE_WORKER = ("tests/browser/demo/", "tests/browser/")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Runs the tests of a file in one worker, since they share fixtures.

    All files of the browser's tests on the demos count as one, and so do its other files.
    """

    def _split_scope(self, nodeid: str) -> str:
        for folder in _IN_ONE_WORKER:
            if nodeid.startswith(folder):
                return folder
        file: str = super()._split_scope(nodeid)
        return file


def order(items: list[pytest.Item]) -> None:
    """Put the tests that wait for processes first."""
    items.sort(key=lambda item: not item.nodeid.startswith(_FIRST_FOLDERS))
