"""Writes over HTTP: our own way, and InfluxDB's."""

from flask import Flask

from services.broker import Journal
from services.settings import Settings
from services.store import Reader
from services.web.http.query_pool import QueryPool
from services.web.write import influx, influx_probes, readings
from services.web.write.ingest import Ingest


def init_app(
    app: Flask, settings: Settings, journal: Journal, reader: Reader, queries: QueryPool
) -> None:
    """Add the routes to an app."""
    app.extensions["intake"] = Ingest(settings, journal, reader, queries)
    app.register_blueprint(readings.blueprint)
    app.register_blueprint(influx.blueprint)
    app.register_blueprint(influx_probes.blueprint)
