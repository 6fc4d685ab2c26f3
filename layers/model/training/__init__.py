"""Train the suggester on recipes, measure it beside others, and write its artifacts."""
