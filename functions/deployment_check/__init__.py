"""The deployment check: tries new versions before a gradual deployment shifts traffic to them."""
