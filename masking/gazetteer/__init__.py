"""The divisions of China, as data."""
