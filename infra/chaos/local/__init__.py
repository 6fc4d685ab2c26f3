"""The stack on one machine under test: rows and queues in SQLite, and workers in processes."""
