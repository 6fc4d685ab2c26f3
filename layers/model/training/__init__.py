"""Train the suggester on recipes, compare it with other models, and write its artifacts."""
