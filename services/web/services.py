"""The shared parts of a web process, which every route gets from the app."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from flask import Flask, current_app

from services.broker import Broker, DatabaseNames, Journal
from services.broker.flush_delay import FlushDelay
from services.broker.lag import LagTimer
from services.broker.process_reports import ProcessReports
from services.broker.reporter import Reporter
from services.concurrency import Interrupt
from services.errors import StripchartError
from services.metric import Sample
from services.metric_table import JOURNAL_READINGS
from services.store import AccessReader, CommandResults, Reader, ViewReader
from services.web.access.control import AccessControl
from services.web.access.directory import AccessDirectory
from services.web.access.password_checks import PasswordChecks
from services.web.access.setup_code import SetupCode
from services.web.api.disk_status import DiskStatus
from services.web.http.clients import current_client, take_turn
from services.web.http.fair_queue import FairQueue
from services.web.http.query_pool import QueryPool
from services.web.http.read_barrier import ReadBarrier
from services.web.http.shared_call import SharedCall
from services.web.http.threads import Threads
from services.web.live.broadcaster import Broadcaster
from services.web.write.ingest import Ingest

T = TypeVar("T")

_NAME: Final = "stripchart"


@dataclass(frozen=True)
class WebServices:
    """The shared parts of a web process.

    Attributes:
        broker: The connection to Redis, for health checks.
        journal: The journal, for commands and health checks.
        database_names: Names of InfluxDB's databases, which its clients ask for.
        reader: Queries of the database. They block: run them in the query pool.
        views: Queries for the views, which block too.
        access: Queries for what gives access, which block too.
        directory: What gives access, as this process knows it.
        access_control: Finds the principal of each request.
        password_checks: Finds users by name and password, and hashes new passwords.
        setup_code: The code without which nobody makes the first user on the page.
        command_results: Queries for the results of commands, which block too.
        request_queue: The queue in which requests wait for their turn.
        read_barrier: Waits until the database holds what was acknowledged before a request.
        query_pool: Threads for queries.
        health_threads: Threads for health checks, which must not wait for queries.
        series_count: Counts all series.
        series_list: Encodes the list of all series as JSON.
        readiness: Checks all parts for `/readyz`.
        disk_status: State of the database's disk.
        lag_timer: Measures how long the oldest entry has waited for the writer.
        flush_delay: Time for which the writer may wait before it commits.
        ingest: Decodes and publishes writes.
        broadcaster: The live stream.
    """

    broker: Broker
    journal: Journal
    database_names: DatabaseNames
    reader: Reader
    views: ViewReader
    access: AccessReader
    directory: AccessDirectory
    access_control: AccessControl
    password_checks: PasswordChecks
    setup_code: SetupCode
    command_results: CommandResults
    request_queue: FairQueue
    read_barrier: ReadBarrier
    query_pool: QueryPool
    health_threads: Threads
    series_count: SharedCall[int]
    series_list: SharedCall[bytes]
    readiness: SharedCall[dict[str, Any]]
    disk_status: DiskStatus
    lag_timer: LagTimer
    flush_delay: FlushDelay
    ingest: Ingest
    broadcaster: Broadcaster

    @cached_property
    def process_reports(self) -> ProcessReports:
        """The reports of all processes."""
        return ProcessReports(self.broker)

    @cached_property
    def reporter(self) -> Reporter:
        """Reports what this process counts. It is made once the process has started."""
        return Reporter(self.broker, "web", self._samples)

    def _samples(self) -> Iterator[Sample]:
        yield from self.ingest.samples()
        yield from self.broadcaster.samples()
        # Readers leave it out, because the instance has it once. They need its rate.
        with suppress(StripchartError):
            yield Sample(JOURNAL_READINGS, self.journal.end().reading_count)

    def ask(self, query: Callable[[Interrupt], T], *, is_large: bool = False) -> T:
        """Run a query for this request. It ends when the client disconnects.

        Raises:
            ServiceUnavailable: Too many other queries wait.
        """
        try:
            return self.query_pool.run(query, current_client(), is_large=is_large)
        finally:
            take_turn()

    def install(self, app: Flask) -> None:
        """Make the parts available to the routes of an app."""
        app.extensions[_NAME] = self


def web_services(app: Flask | None = None) -> WebServices:
    """Return the parts of an app, by default of the one that handles this request."""
    services: WebServices = (app or current_app).extensions[_NAME]
    return services
