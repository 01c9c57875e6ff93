"""How a deployment is put together: what all parts stand on, and what each package adds to it."""
