"""Who must have agreed before a call is recorded."""

from collections.abc import Sequence
from typing import cast

import pytest

from database.transaction import Transaction
from masking.relay.calls.recording import RecordingConsents
from masking.relay.ports import Recording


class Agreed:
    """People who have consented."""

    def __init__(self, *people: int) -> None:
        self._people = set(people)

    def all_agree(self, tx: Transaction, tenant: int, people: Sequence[int], purpose: str, at: int) -> bool:
        return set(people) <= self._people


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([1, 2], Recording.ON),
        ([1, 3], Recording.NO_CONSENT),
        ([3, 2], Recording.NO_CONSENT),
        ([None, 2], Recording.UNKNOWN_CALLER),
        ([1, None], Recording.UNKNOWN_CALLER),
    ],
    ids=["both", "one", "other", "unknown-caller", "unknown-callee"],
)
def test_a_call_is_recorded_if_both_are_known_and_have_consented(people: list[int | None], expected: Recording) -> None:
    found = RecordingConsents(Agreed(1, 2)).recording(cast(Transaction, None), 1, people, 0)
    assert found is expected
