"""Overwriting octets that are not needed any more.

Python never clears what it frees, and `bytes` cannot be changed from within the language. What is wiped here is overwritten where
it lies, in CPython's own layout of the object, so that a dump of the process shows it no longer. Copies that others have made
are not reached.
"""

import ctypes

_HEAD = bytes.__basicsize__ - 1


def wipe(octets: bytes) -> None:
    """Overwrite the octets of an object that nobody else has, or will look at again. A single octet is left alone, for CPython
    has one object for all of its occurrences."""
    if len(octets) > 1:
        ctypes.memset(id(octets) + _HEAD, 0, len(octets))
