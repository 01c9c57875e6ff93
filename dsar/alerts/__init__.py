"""What people are told unasked: of a breach of security and, if they have wished it, of who saw their data."""
