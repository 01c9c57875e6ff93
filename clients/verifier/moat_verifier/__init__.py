"""Offline verifier of tiled audit logs, their exports and proofs. It shares no code with the service that writes them."""
