"""The routes under `/api`, except writes and live readings."""
