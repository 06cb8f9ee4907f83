"""Parsing of tables: the dialect, the header, and the times and values of the rows."""
