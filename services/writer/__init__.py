"""The writer: the only process that writes the database."""
