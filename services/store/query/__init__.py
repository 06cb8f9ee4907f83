"""Queries: series, history, gaps, growth and diagnostics."""
