"""The order of the tests, and their distribution to the workers of pytest-xdist."""

from itertools import groupby

import pytest
from xdist.scheduler import LoadFileScheduling

# Chromium and the processes of a demo take seconds of CPU to start: each worker needs its own.
# These tests take the longest, so they begin first.
_IN_ONE_WORKER = ("tests/browser/demo/", "tests/browser/")
# Their tests wait for processes; those that wait for longest are in the first ones.
_WAITING_FOLDERS = (
    "tests/faults/", "tests/resume/", "tests/system/", "tests/attacks/", "tests/contract/",
)  # fmt: skip
# The last files are short ones that compute, so that no worker waits long for another one.
_WAITING_SHARE = 0.8


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
    """Mix files whose tests wait with files whose tests compute: that keeps all cores busy."""
    files = [list(tests) for _path, tests in groupby(items, key=lambda item: item.path)]
    first = _select(files, _IN_ONE_WORKER)
    waiting = [file for folder in _WAITING_FOLDERS for file in _select(files, (folder,))]
    computing = [file for file in files if file not in first and file not in waiting]
    positions = [
        *((position * _WAITING_SHARE, file) for position, file in _spread(waiting)),
        *_spread(computing),
    ]
    mixed = [file for _position, file in sorted(positions, key=lambda pair: pair[0])]
    items[:] = [test for file in (*first, *mixed) for test in file]


def _select(files: list[list[pytest.Item]], folders: tuple[str, ...]) -> list[list[pytest.Item]]:
    return [tests for tests in files if tests[0].nodeid.startswith(folders)]


def _spread(files: list[list[pytest.Item]]) -> list[tuple[float, list[pytest.Item]]]:
    """Return the files with positions from 0 to 1, at equal distances."""
    return [(at / len(files), tests) for at, tests in enumerate(files)]
