"""TCP ports of this machine that are free."""

import socket
from contextlib import closing
from errno import EADDRINUSE


def is_free(host: str, port: int) -> bool:
    """Return True if a server could listen on this port.

    Raises:
        OSError: The host is not this machine, or the port may not be used.
    """
    family, kind, protocol, _name, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with closing(socket.socket(family, kind, protocol)) as probe:
        # As servers do: a port that was closed a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == EADDRINUSE:
                return False
            raise
    return True


def free_port(host: str, preferred: int) -> int:
    """Return the preferred port if it is free, otherwise any free port."""
    if is_free(host, preferred):
        return preferred
    with closing(socket.create_server((host, 0))) as probe:
        return int(probe.getsockname()[1])
