"""What must not be destroyed because a case needs it, and what may be stored but not used."""
