"""Deletion of data by age, by size, by series and by range."""
