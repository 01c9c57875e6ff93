"""A small order service beside Moat: it keeps orders of its own, and takes part when people ask about their data."""
