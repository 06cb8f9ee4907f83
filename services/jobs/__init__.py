"""Jobs: heavy or scheduled work that only reads the database or publishes commands."""
