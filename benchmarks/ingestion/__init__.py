"""Servers that take line protocol, and a client that sends them as much as they take."""
