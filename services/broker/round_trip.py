"""Commands that go to Redis together, for a third of what a pipeline of redis-py costs.

Redis-py still connects, logs in, encrypts and reconnects. Its pool looks at a connection each time
it hands it out, its pipeline makes objects for each command, and both count for statistics. So a
connection that has just been used is kept here.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple

import redis

from services.broker.connection import count_closings

Command = Sequence[bytes | str | int]

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
        self._kept: Any = None
        self._closings = 0

    def run(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands, and return their responses. An error of Redis is a response too.

        Nothing is sent again: after any other error, Redis may have run the commands or not.

        Raises:
            redis.exceptions.RedisError: Redis can't be reached, or the connection broke.
        """
        return self.receive(self.send(commands))

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
        if self._kept is None:
            self._kept, self._closings = sent.connection, count_closings(self._client)
        else:
            self._pool.release(sent.connection)
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
        connection, self._kept = self._kept, None
        if connection is None:
            return self._pool.get_connection()
        if self._closings == count_closings(self._client) and not _has_input(connection):
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
