"""Webhooks: starts deliveries when tasks end, and sends them to their receivers."""
