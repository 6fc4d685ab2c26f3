"""A hundred callers' tasks, from the first submit to the last result, on either design."""
