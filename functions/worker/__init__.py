"""The batch worker."""
