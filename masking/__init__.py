"""Showing no more of a personal value than its viewer needs."""
