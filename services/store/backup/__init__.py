"""Backups: creation, verification and recovery."""
