"""Calls and texts of switches that fetch TwiML: voice and messaging webhooks in, verbs out."""
