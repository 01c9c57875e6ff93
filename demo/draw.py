"""Draws that depend on a seed and on the name of what is drawn for, and on nothing else.

A person is drawn from (seed, "person", number), so that it is the same person in a file of a hundred orders and in one
of a million, on every machine and under every version of every library. Nothing here is secret, and no key may ever
come from here.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")
_LOW: Final = 1 << 64


class Draw:
    """A stream of even draws, fixed by its path."""

    __slots__ = ("_bits", "_path", "_turn")

    def __init__(self, *path: int | str) -> None:
        self._path = "\x1f".join(map(str, path)).encode()
        self._turn = 0
        self._bits = 0

    def below(self, bound: int) -> int:
        """Draw from 0 to ``bound`` − 1; the bias is below 2⁻³⁰ for a bound under 2³²."""
        if self._bits < _LOW:
            block = hashlib.blake2b(self._path, digest_size=64, salt=self._turn.to_bytes(16)).digest()
            self._bits = int.from_bytes(block)
            self._turn += 1
        self._bits, drawn = divmod(self._bits, bound)
        return drawn

    def one_in(self, times: int) -> bool:
        """Draw whether something happens that happens once in ``times``."""
        return self.below(times) == 0

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of the choices, all alike."""
        return choices[self.below(len(choices))]
