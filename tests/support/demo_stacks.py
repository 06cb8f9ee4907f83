"""`stripchart demo` as a real process, for tests that do what its users do."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.up_lock import up_lock
from tests.support.waiting import wait_until
from tests.support.web_service import WebService

_READY_SECONDS = 150.0


class DemoStack(WebService):
    """A running `stripchart demo`. As a context manager it ends all processes at the end.

    Args:
        name: The data set: home, servers or lab.
        folder: An empty folder for the data and the output.

    Attributes:
        url: The address of the page.
    """

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(free_port())
        self.name = name
        self.url = f"http://127.0.0.1:{self.port}/"
        settings = {"DATA_DIR": str(folder), "PORT": str(self.port), "HOST": "127.0.0.1"}
        command = [sys.executable, "-m", "services.cli", "demo", name]
        self._process = ManagedProcess(f"demo-{name}", command, folder / "logs", settings)

    def __enter__(self) -> Self:
        try:
            self._process.start().wait_until_ready(self._is_announced, _READY_SECONDS)
            wait_until("the history is stored", self._has_view)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.__exit__(*exception)

    def _is_announced(self) -> bool:
        return "the data is there" in self._process.log_text()

    def _has_view(self) -> bool:
        """Return True if the demo's view is stored, which it sends after all of its history."""
        return bool(self.get("/api/views")["views"])


def _run_demo(name: str, folders: pytest.TempPathFactory) -> Iterator[DemoStack]:
    with ExitStack() as running:
        with up_lock(folders):
            demo = running.enter_context(DemoStack(name, folders.mktemp(name)))
        yield demo


@pytest.fixture(scope="session")
def home_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoStack]:
    """Run `stripchart demo home`, with its whole history, for all tests."""
    yield from _run_demo("home", tmp_path_factory)


@pytest.fixture(scope="session")
def servers_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoStack]:
    """Run `stripchart demo servers`, with its whole history, for all tests."""
    yield from _run_demo("servers", tmp_path_factory)


@pytest.fixture(scope="session")
def lab_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoStack]:
    """Run `stripchart demo lab`, with its whole history, for all tests."""
    yield from _run_demo("lab", tmp_path_factory)
