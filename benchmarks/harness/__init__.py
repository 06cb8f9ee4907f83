"""Harness of all benchmarks: the registry, comparison in turns, and the name of the machine."""
