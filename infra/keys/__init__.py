"""The API keys of a deployment: `make add-key`, `rotate-key`, `revoke-key` and `list-keys`."""
