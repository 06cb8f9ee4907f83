"""Stripchart: live readings into Redis, kept in SQLite, shown on a Chart.js page."""

__version__ = "0.1.0"
