"""Databases of the benchmarks: synthetic readings, ways to load them, and the recorder."""
