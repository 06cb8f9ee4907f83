"""The supervisor of `stripchart up`: starts the processes and restarts them when they end."""
