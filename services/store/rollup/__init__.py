"""Rollups: buckets of readings at fixed tiers, and what they cover."""
