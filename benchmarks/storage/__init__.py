"""Databases for the benchmarks: made-up readings, ways to load them, and the product's own."""
