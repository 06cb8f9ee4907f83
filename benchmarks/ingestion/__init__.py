"""Servers that accept line protocol, and a client that writes to them at full speed."""
