"""Programs of this project that the build and the checks run."""
