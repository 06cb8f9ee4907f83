"""What the figures in the documents come from: `python -m benchmarks`.

A benchmark is a module of this package, `some_thing.py`, with a click command `run`, whose help
says in one line what is measured. It prints its figures beside those of its yardstick, and the
ratio of both. What benchmarks share is in the packages below.
"""
