"""Backups: keyring and data as two archives, sealed to two recipients, and put back into an empty database."""
