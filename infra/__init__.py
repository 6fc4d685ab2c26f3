"""What runs around the functions: the local stack, and helpers for operating."""
