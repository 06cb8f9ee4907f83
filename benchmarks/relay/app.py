"""The relay's application. The worker type decides about two things only: outlets and queries."""

import socket
import sqlite3
import time
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any, Final

from flask import Flask, Response, request
from flask_sock import Sock
from gevent.threadpool import ThreadPool
from simple_websocket import Server

from benchmarks.relay import frame
from benchmarks.relay.outlets import Flusher, GreenletOutlet, Outlet, ThreadOutlet

_QUERY: Final = """
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
    SELECT sum(n) FROM counted
"""
_QUERY_THREADS: Final = 4


def slow_query(rows: int) -> int:
    """A query that takes as long as counting so many rows does."""
    with closing(sqlite3.connect(":memory:")) as database:
        total: int = database.execute(_QUERY, (rows,)).fetchone()[0]
        return total


class Worker(ABC):
    """What is done in another way by each worker type."""

    @abstractmethod
    def outlet(self, connection: socket.socket) -> Outlet:
        """What stands in for a viewer's socket."""

    @abstractmethod
    def ask(self, rows: int) -> int:
        """Run the slow query where it belongs."""


class GeventWorker(Worker):
    """Greenlets, with a pool of threads for queries."""

    def __init__(self) -> None:
        self._pool = ThreadPool(_QUERY_THREADS)

    def outlet(self, connection: socket.socket) -> Outlet:
        """What stands in for a viewer's socket."""
        return GreenletOutlet(connection)

    def ask(self, rows: int) -> int:
        """Run the slow query in the pool."""
        total: int = self._pool.apply(slow_query, (rows,))
        return total


class ThreadWorker(Worker):
    """Threads, which may wait for a query themselves."""

    def __init__(self) -> None:
        self._flusher = Flusher()

    def outlet(self, connection: socket.socket) -> Outlet:
        """What stands in for a viewer's socket."""
        return ThreadOutlet(connection, self._flusher)

    def ask(self, rows: int) -> int:
        """Run the slow query here."""
        return slow_query(rows)


_WORKERS: Final[dict[str, type[Worker]]] = {"gevent": GeventWorker, "gthread": ThreadWorker}


def create_app(worker_type: str, feed: int) -> Flask:
    """Make the application, which relays from now on. feed: the port that the frames come from."""
    worker = _WORKERS[worker_type]()
    viewers: set[Outlet] = set()
    app = Flask(__name__)
    sock = Sock(app)

    @app.before_request
    def prepare() -> None:
        if request.path == "/live":
            connection = request.environ["gunicorn.socket"]
            request.environ["gunicorn.socket"] = worker.outlet(connection)

    @sock.route("/live")  # type: ignore[untyped-decorator]  # flask-sock has no types
    def live(viewer: Server) -> None:
        outlet: Outlet = viewer.sock
        viewers.add(outlet)
        outlet.write(frame.stamped(0))
        try:
            while True:
                viewer.receive()
        finally:
            viewers.discard(outlet)

    @app.get("/answer")
    def answer() -> dict[str, Any]:
        return {"ok": True}

    @app.get("/usage")
    def usage() -> dict[str, Any]:
        return {"cpu": time.process_time(), "memory": _memory()}

    @app.get("/query")
    def query() -> Response:
        ask = slow_query if "here" in request.args else worker.ask
        return Response(str(ask(int(request.args["rows"]))))

    # Under gevent, which has replaced threads with greenlets, this is a greenlet.
    Thread(target=_relay, args=(feed, viewers), daemon=True).start()
    return app


def _relay(feed: int, viewers: set[Outlet]) -> None:
    with socket.create_connection(("127.0.0.1", feed)) as source, source.makefile("rb") as frames:
        while ready := frames.read(frame.SIZE):
            for viewer in list(viewers):
                viewer.write(ready)


def _memory() -> int:
    """What this process takes of the memory, its share of what is shared included; in bytes."""
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        if name == "Pss":
            return int(rest.split()[0]) * 1024
    raise OSError("the system does not tell how much memory a process takes")
