"""The front page of `moat demo`, and nothing of any other deployment."""
