"""The task life cycle: what a task is, where its row and its message live, and how it ends."""
