"""The task life cycle: what a task is, how it is submitted, and how it ends."""
