"""A crowd of viewers who come and go, each compared with the journal in the end.

It shares no code with what it checks. `python -m tests.resume` runs it at length.
"""
