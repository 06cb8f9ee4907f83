"""Where readings come from: one file for each source, found by its name.

A source is a module with a function `run(feed)`, which puts readings until it has no more or
`feed.stop` is requested. It may raise whatever goes wrong; it is then begun anew.
"""
