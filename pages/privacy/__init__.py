"""The privacy centre: what a platform holds about a person, why, who saw it, and what they can have done about it."""
