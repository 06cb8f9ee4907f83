"""Rollups: tables of buckets, their coverage, and their maintenance."""
