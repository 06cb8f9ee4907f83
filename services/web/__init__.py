"""The web service: the page, history, writes, and the live relay."""
