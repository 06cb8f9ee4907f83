"""Fault injection: the test that no acknowledged reading is lost, and the test of its checker.

The checker uses only what an outside observer has: HTTP, Redis, signals and the SQLite file. Only
`failpoints`, `mutants` and the state machine, which runs in one process, import `services`.
"""
