"""Commands that go to Redis together, for a third of what a pipeline of redis-py costs.

Redis-py still connects, logs in, encrypts and reconnects. Its pool looks at a connection each time
it hands it out, its pipeline makes objects for each command, and both count for statistics. So a
connection that has just been used is kept here.
"""

import socket
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple

import redis
from redis.commands.core import Script
from redis.exceptions import NoScriptError

from services.broker.connection import count_closings

Command = Sequence[bytes | str | int]

_MULTI: Final = ("MULTI",)
_EXEC: Final = ("EXEC",)

_NO_PEEK: Final = (AttributeError, ValueError)
"""Errors of sockets that can't be peeked at: those of a fake Redis, and of TLS."""


class SentCommands(NamedTuple):
    """Commands whose responses were not read yet: their connection and their number."""

    connection: Any
    command_count: int


class RoundTrip:
    """Sends commands over one connection. Concurrent calls get further ones.

    Args:
        client: The client of Redis, whose pool makes the connections.
    """

    def __init__(self, client: "redis.Redis") -> None:
        self._pool: Any = client.connection_pool
        self._client = client
        # A connection that nothing uses, and the number of closings when it was used.
        self._kept: deque[tuple[Any, int]] = deque()

    def run(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands, and return their responses. An error of Redis is a response too.

        Nothing is sent again: after any other error, Redis may have run the commands or not.

        Raises:
            redis.exceptions.RedisError: Redis can't be reached, or the connection broke.
        """
        return self.receive(self.send(commands))

    def run_one(self, command: Command) -> Any:
        """Send a command, and return its response.

        Raises:
            redis.exceptions.RedisError: Redis can't be reached, or refuses the command.
        """
        (response,) = self.run([command])
        if isinstance(response, Exception):
            raise response
        return response

    def run_transaction(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands that Redis runs at one moment, and return their responses.

        Raises:
            redis.exceptions.RedisError: Redis can't be reached, or refuses a command.
        """
        responses = self.run([_MULTI, *commands, _EXEC])
        results = responses[-1]
        # The error of a command that was refused says more than that of EXEC.
        for response in (*responses, *(results if isinstance(results, list) else ())):
            if isinstance(response, Exception):
                raise response
        return list(results)

    def run_script(self, script: Script, keys: Sequence[str], args: Sequence[Any] = ()) -> Any:
        """Call a script that may run twice, and return its response.

        Raises:
            redis.exceptions.RedisError: Redis can't be reached, or refuses the call.
        """
        with suppress(redis.ConnectionError, NoScriptError):
            return self.run_one(["EVALSHA", script.sha, len(keys), *keys, *args])
        # Redis doesn't know the script yet, or has ended the connection.
        return script(keys=keys, args=args)

    def send(self, commands: Sequence[Command]) -> SentCommands:
        """Send commands without waiting for Redis. `receive` or `drop` must follow.

        Raises:
            redis.exceptions.RedisError: Redis can't be reached, or the connection broke.
        """
        connection = self._take()
        with self._dropped_on_error(connection):
            connection.send_packed_command(connection.pack_commands(commands))
        return SentCommands(connection, len(commands))

    def receive(self, sent: SentCommands) -> list[Any]:
        """Return the responses to commands that were sent; see `run`."""
        with self._dropped_on_error(sent.connection):
            responses = [_read(sent.connection) for _ in range(sent.command_count)]
        if self._kept:
            self._pool.release(sent.connection)
        else:
            self._kept.append((sent.connection, count_closings(self._client)))
        return responses

    def drop(self, sent: SentCommands) -> None:
        """Give up the responses to commands that were sent."""
        # They could arrive later, and would be taken for those of other commands.
        sent.connection.disconnect()
        self._pool.release(sent.connection)

    @contextmanager
    def _dropped_on_error(self, connection: Any) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.drop(SentCommands(connection, 0))
            raise

    def _take(self) -> Any:
        """Return a connection that nothing else uses."""
        try:
            connection, closings = self._kept.pop()
        except IndexError:
            return self._pool.get_connection()
        if closings == count_closings(self._client) and not _has_input(connection):
            return connection
        connection.disconnect()
        self._pool.release(connection)
        return self._pool.get_connection()


def _read(connection: Any) -> Any:
    try:
        return connection.read_response()
    except redis.exceptions.ResponseError as error:
        return error


def _has_input(connection: Any) -> bool:
    """Return True if Redis has closed a connection, or has sent what nobody asked for."""
    try:
        return _peek(connection._get_socket())
    except _NO_PEEK:
        with suppress(redis.exceptions.RedisError):
            return bool(connection.can_read())
    except OSError:
        pass
    return True


def _peek(sock: socket.socket) -> bool:
    """Return True if a socket has input, or its end. Redis-py polls, which takes gevent long."""
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    finally:
        sock.settimeout(timeout)
    return True
