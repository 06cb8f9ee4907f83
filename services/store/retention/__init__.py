"""Retention: deletion by age, by size, by series and by range."""
