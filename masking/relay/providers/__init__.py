"""Providers of numbers: clouds that hold bindings of their own, which follow ours, and tell of calls and texts."""
