"""Whether a call may be recorded: only where both sides were shown the notice of the purpose and have consented to it.

The notice is part of the consent (a consent to a notice that is not in force any more is none), and both are told again on the
line before they are connected. Somebody who is no party of the relay has seen no notice. What holds is the state of this
moment: who withdraws is not recorded from the next call on."""

from collections.abc import Sequence

from database.transaction import Transaction
from masking.relay.calls.ports import Consenting
from masking.relay.ports import Recording

CALL_RECORDING = "call_recording"
"""The purpose in the catalogue."""


class RecordingConsents:
    """Asks both sides' consent."""

    def __init__(self, consenting: Consenting) -> None:
        self._consenting = consenting

    def recording(self, tx: Transaction, tenant: int, people: Sequence[int | None], at: int) -> Recording:
        """Whether a call that its binding wants recorded is, and why not."""
        known = [person for person in people if person is not None]
        if len(known) < len(people):
            return Recording.UNKNOWN_CALLER
        agreed = self._consenting.all_agree(tx, tenant, known, CALL_RECORDING, at)
        return Recording.ON if agreed else Recording.NO_CONSENT
