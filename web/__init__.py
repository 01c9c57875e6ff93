"""The HTTP edge that every package shares: credentials, problems, limits, documentation, egress."""
