"""The live relay: from the journal to every viewer."""
