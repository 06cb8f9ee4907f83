"""Input of commands: readings from files, standard input and arguments."""
