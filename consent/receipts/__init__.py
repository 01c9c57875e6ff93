"""Receipts: what a person can keep of a consent and prove to anybody, and records of consents in the same shapes."""
