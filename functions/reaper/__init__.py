"""The function that ends the tasks of dead letters."""
