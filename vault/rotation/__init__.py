"""Rotation: new versions of keys, moving what the old ones protect, and the end of the old ones."""
