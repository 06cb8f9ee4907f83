"""Queries: history, downsampling, gaps, growth and diagnostics."""
