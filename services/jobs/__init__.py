"""Heavy and timed work that only reads the database or publishes: queue, worker, schedule."""
