"""The writing rules of each kind of personal value: pure functions that answer None for a value that does not fit."""
