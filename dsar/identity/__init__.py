"""Who asks: every identity that a requester asserts is verified, and nobody learns who is known here."""
