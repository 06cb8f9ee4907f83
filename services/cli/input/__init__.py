"""Readings from files, standard input and arguments on their way to the journal."""
