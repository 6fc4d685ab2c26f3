"""Everything around the functions: the local stack, chaos testing, and checks for CI."""
