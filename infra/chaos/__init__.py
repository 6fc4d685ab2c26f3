"""The local stack under fire: killed workers, failing AWS calls, duplicates, poison; a judge."""
