"""Pipelines: the kinds of question that callers can ask, and what each consists of."""
