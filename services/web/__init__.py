"""The web service: page, history, writes and live readings."""
