"""Writes over HTTP: the project's own route and those of InfluxDB."""
