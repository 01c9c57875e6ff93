"""Erasure of a person: planned, approved, done everywhere, and certified."""
