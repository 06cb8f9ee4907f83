"""A small live relay of its own: frames come in over one socket and go out to all viewers.

It does what the web service does and no more, so that it can run under either worker type.
"""
