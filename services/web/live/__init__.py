"""Live readings: from the journal to every viewer."""
