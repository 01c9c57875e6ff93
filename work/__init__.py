"""Durable work: jobs that survive any crash and end exactly once, with their progress."""
