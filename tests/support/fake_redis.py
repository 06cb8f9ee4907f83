"""A fake Redis that several threads may use from their first connection on."""

import fakeredis


def new_fake_server() -> fakeredis.FakeServer:
    """Return an empty server.

    fakeredis creates a database when somebody connects. Two threads that connect at once would each
    get a database of their own, so it is created here.
    """
    server = fakeredis.FakeServer()
    _ = server.dbs[0]
    return server
