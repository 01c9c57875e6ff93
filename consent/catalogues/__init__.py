"""Catalogues of tenants: publishing them, knowing the one in force, and telling people what changed."""
