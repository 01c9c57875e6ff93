"""People who are called: found, opened and held for as long as it takes to connect them."""
