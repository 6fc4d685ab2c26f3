"""Sets up the virtual environments in which `make` runs commands; needs no package itself."""
