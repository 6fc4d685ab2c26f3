"""What the build and the checks run beside tools of others."""
