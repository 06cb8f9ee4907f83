"""Servers that send each message of a Redis channel to all their viewers, and a load for them."""
