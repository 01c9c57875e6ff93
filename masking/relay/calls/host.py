"""The sealed stream as people at the deployment's host work on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from audit.entry import Actor
from audit.event_id import uuid7
from database.columns import millis
from masking.relay.bound import By
from masking.relay.calls.errors import LegalError
from masking.relay.calls.legal_keys import LegalKeys
from masking.relay.calls.legal_taking import LegalTaking


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHost:
    """A deployment's keys and sealed calls. `holder` tells of which tenant and whose a credential is that may read records of
    calls."""

    keys: LegalKeys
    taking: LegalTaking
    holder: Callable[[str], tuple[int, Actor] | None]
    now: Callable[[], datetime]

    def by(self, presented: str) -> By:
        """Somebody acts now, by the text of a credential. Raises LegalError where it does not work."""
        found = self.holder(presented.strip())
        if found is None:
            raise LegalError("a credential does not work, or has not the scope relay:calls")
        at = millis(self.now())
        return By(found[0], found[1], str(uuid7(at)), at)
