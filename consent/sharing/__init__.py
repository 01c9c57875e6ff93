"""What of a person's data others get, and on which ground."""
