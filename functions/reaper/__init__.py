"""The reaper: ends the tasks whose messages moved to the dead-letter queue."""
