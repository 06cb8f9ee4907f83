"""Benchmarks behind the figures of docs/benchmarks.md; run them with `python -m benchmarks`.

A benchmark is a module of this package, such as `some_thing.py`, with a click command `run`. The
first line of its help names the measurement. It prints its figures, those of its yardstick, and
their ratio. The packages hold the code that benchmarks share.
"""
