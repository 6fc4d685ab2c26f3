"""The rules of docs/design.md as properties of a history. Each rule yields its violations."""
