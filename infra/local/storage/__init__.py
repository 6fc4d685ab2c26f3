"""The storage of the embedded stack: rows and queues in one SQLite file, documents in a folder."""
