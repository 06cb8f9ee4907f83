"""The proof that nothing acknowledged is lost: faults, and a checker that knows only the outside.

The checker keeps to what an outsider has: HTTP, Redis, signals and the SQLite file. Only what is
not the checker imports `services`: `launch` and `mutants`, and the state machine in one process.
"""
