"""The calls under /api."""
