"""Creates the package of a pipeline."""
