"""Asking the stand-in for a disposal, and waiting for it."""

from uuid import UUID

import pytest

from database.columns import millis
from dsar.holders.errors import HolderAwayError
from dsar.holders.holder import Disposal, Errand, Person
from tests.dsar.holders.stand_in import Beside

REQUEST = UUID("0199e7a0-0000-7000-8000-000000000001")
PERSON = Person(1, 7)
ERRAND = Errand(request=REQUEST, key="first")
ALL = Disposal(reason="erasure_request")


def away(beside: Beside, errand: Errand = ERRAND) -> int:
    """Ask for a disposal that is not done yet; the milliseconds after which to ask again."""
    with pytest.raises(HolderAwayError) as told:
        beside.holder.dispose(PERSON, ALL, errand)
    return told.value.again_at - millis(beside.vault.clock())


def later(beside: Beside, milliseconds: int) -> None:
    """Let time pass."""
    beside.vault.clock.advance(milliseconds=milliseconds)
