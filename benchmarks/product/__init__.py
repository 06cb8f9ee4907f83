"""Stripchart's own processes, as a benchmark runs them: on scratch folders and ports."""
