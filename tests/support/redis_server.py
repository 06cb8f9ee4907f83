"""A Redis server that tests and benchmarks start, kill and empty."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import redis

from tests.support.ports import free_port
from tests.support.processes import ManagedProcess
from tests.support.programs import require_program


class RedisServer:
    """A redis-server that can be killed and started again. It starts and ends with a block.

    Attributes:
        port: The TCP port on loopback.
        url: The address for the setting REDIS_URL.
        client: A client with decoded answers, as another tool would use one.
        process: The process of the server.
    """

    def __init__(self, command: Sequence[str], port: int, folder: Path) -> None:
        """Prepare a server that this command starts on this port, with its files in a folder."""
        self.port = port
        self.url = f"redis://127.0.0.1:{port}/0"
        self.process = ManagedProcess("redis", command, folder)
        self._folder = folder
        # Typed as Any, since redis-py's types don't fit decoded answers.
        self.client: Any = redis.Redis(port=port, decode_responses=True, protocol=2)

    @classmethod
    def in_folder(cls, folder: Path, *options: str) -> Self:
        """Prepare the installed server on a free port.

        It syncs its file before each answer. With `everysec`, a slow disk could delay the write,
        and a killed server would lose acknowledged data.

        Args:
            folder: The folder of the server's files.
            options: More options of the command line, which override ours.

        Raises:
            AssertionError: No redis-server is installed.
        """
        port = free_port()
        command = [
            require_program("redis"), "--port", str(port), "--bind", "127.0.0.1",
            "--dir", str(folder), "--save", "", "--appendonly", "yes", "--appendfsync", "always",
            *options,
        ]  # fmt: skip
        return cls(command, port, folder)

    @property
    def version(self) -> tuple[int, ...]:
        """The version of Redis with which the running server is compatible, such as (7, 0, 15)."""
        text: str = self.client.info("server")["redis_version"]
        return tuple(map(int, text.split(".")))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.process.start()
        self.process.wait_until_ready(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.exceptions.ConnectionError:
            return False

    def kill(self) -> None:
        """Kill the server, as a power cut would."""
        self.process.kill()
        self.client.close()

    def delete_files(self) -> None:
        """Delete all files of the server, which must not run."""
        for file in self._folder.rglob("*.*"):
            if file.is_file():
                file.unlink()
