"""Signed webhooks: the deliveries of results to the receivers that callers name."""
