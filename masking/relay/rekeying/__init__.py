"""Another version of the key by which the relay finds people's numbers."""
