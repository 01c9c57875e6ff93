"""Carrying out what a request asks, where it is neither disclosure nor erasure."""
