"""SQLite: connections, bulk inserts, locks, and checks of the file and its disk."""
