"""The reaper: ends the tasks and attempts whose messages moved to the dead-letter queue."""
