"""The sources of readings: one module for each, found by its name.

A source is a module with a function `run(feed)`. It publishes readings until it has no more or
until `feed.stop` is requested. It may raise any error; the producer then calls `run` again.
"""
