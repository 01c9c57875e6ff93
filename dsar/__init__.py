"""Requests of data subjects, legal holds, erasure and retention."""
