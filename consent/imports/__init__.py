"""Consents of an earlier system, from files, through a service and by its own rules."""
