"""Webhooks: telling subscribers of every change of a consent, signed, in order for each person, until they have it."""
