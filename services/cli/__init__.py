"""The command line `stripchart`: one module for each command."""
