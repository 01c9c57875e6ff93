"""The `moat` command: one module for each command, which is imported when it is used."""
