"""The proof that nothing acknowledged is lost: faults, and a checker that knows only the outside.

Everything here but `launch` and `mutants` and the state machine keeps to what an outsider has:
HTTP, Redis, signals and the SQLite file. Nothing of `services` is imported by the checker.
"""
