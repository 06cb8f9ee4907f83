"""Stripchart: live readings into Redis, kept in SQLite, shown on a Chart.js page."""

from importlib.metadata import version

__version__ = version("stripchart")
