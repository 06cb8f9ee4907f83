"""Attacks on a running Stripchart, and what a well-behaved client notices of them."""
