"""The gates of a deployment that has no request desk: asked at every use, and always open.

The composition root wires them where the packages that decide are not there, so that the places where they are asked are
in use and under test from the beginning.
"""

from collections.abc import Sequence

from database.transaction import Transaction


class OpenRestrictionGate:
    """Nobody's data is restricted."""

    def restricted(self, tx: Transaction, subjects: Sequence[int]) -> frozenset[int]:  # noqa: ARG002 - the port's
        return frozenset()


class OpenLogGate:
    """The log keeps up."""

    def behind(self) -> bool:
        return False


class OpenHoldGate:
    """Nothing is held."""

    def held(self, tx: Transaction, subject: int) -> bool:  # noqa: ARG002 - the port's
        return False
