"""Reporting a message: its recipient hands over the text, and what proves that this very text was sent.

Nothing of the message need be here any more. What is proved, and what is not, is said in `vault.letters.franking`. The copy is
stored as a note of the recipient, who gave it, for the purpose `support`, and ends by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from audit.entry import Action, Reason
from database.transaction import Transaction
from vault.access import Caller
from vault.handover.order import parties
from vault.handover.stage import ref_of
from vault.item import Issued, ItemError, Submitted
from vault.keyring import TenantKeys
from vault.letters import store
from vault.letters.envelope import commits
from vault.letters.errors import NotProvedError
from vault.letters.franking import Franked, is_frank, order_fingerprint
from vault.letters.parties import Party, number_of
from vault.means import Means
from vault.order_call import OrderCall
from vault.usable import Use, refuse
from work.replay import Replay

KEPT_SECONDS = 30 * 86_400
"""How long the copy of a reported message is kept."""

Store = Callable[[Caller, Submitted, Replay | None], Issued | ItemError]
"""Stores a value and gives its token; the same one for a repeated call."""


@dataclass(frozen=True, slots=True, repr=False)
class Evidence:
    """What the recipient's device reveals. Keys are the devices' public ones; times are milliseconds since the epoch."""

    text: str
    opening: bytes
    sent_at: int
    sender_key: bytes
    recipient_key: bytes
    hour: int
    commitment: bytes
    frank: bytes


class Reported(NamedTuple):
    """The token of the copy, and the part in the order that the sender has: None where it is nobody of it any more."""

    token: str
    sender: Party | None


class LetterReports:
    """The use case behind `POST /v1/orders/{order}/messages/report`."""

    def __init__(self, means: Means, keep: Store) -> None:
        self._means = means
        self._keep = keep
        self._use = Use(means, kind="note", sensitive=False, view="plain")

    def report(
        self, caller: Caller, order: str, reporter: Party, evidence: Evidence, replay: Replay | None = None
    ) -> Reported:
        """Take a report.

        Raises:
            NotProvedError: the text is not what was committed to, or this service made no such frank for the reporter's device.
            DeniedError: nobody has that role in the order, or their data may not be used; or the copy may not be stored.
            SubjectErasedError: the reporter was erased.
        """
        at = self._means.at()

        def work(tx: Transaction, keys: TenantKeys) -> tuple[str, Party | None] | Reason:
            found = parties(tx, caller.tenant, order)
            number = number_of(found, reporter)
            person = Reason.NOT_PARTY if number is None else self._use.of(tx, keys, caller.tenant, number, at)
            owner = tx.one(store.OWNER_OF_KEY, tenant=caller.tenant, key=evidence.recipient_key)
            if not isinstance(person, Reason) and (
                owner != (number,) or not _proved(keys, caller.tenant, order, evidence)
            ):
                person = Reason.INVALID
            run = OrderCall(self._means, tx, keys, caller, order, at, Action.MESSAGE_REPORT)
            if isinstance(person, Reason):
                return run.refused(person)
            run.done([person])
            sender = tx.one(store.OWNER_OF_KEY, tenant=caller.tenant, key=evidence.sender_key)
            named = None if sender is None else next((one for one in Party if number_of(found, one) == sender[0]), None)
            return person.platform_id, named

        proved = self._means.write(caller.tenant, work)
        if proved is Reason.INVALID:
            raise NotProvedError
        if isinstance(proved, Reason):
            refuse(proved)
        assert not isinstance(proved, Reason)
        reporter_id, sender = proved
        copy = Submitted(reporter_id, "note", evidence.text, "support", ref_of(order), "fresh", expires_in=KEPT_SECONDS)
        kept = self._keep(caller, copy, replay)
        if isinstance(kept, ItemError):
            refuse(kept.reason or Reason.INVALID)
        assert isinstance(kept, Issued)
        return Reported(kept.token, sender)


def _proved(keys: TenantKeys, tenant: int, order: str, shown: Evidence) -> bool:
    fingerprint = order_fingerprint(keys.refs, tenant=tenant, ref=ref_of(order))
    franked = Franked(fingerprint, shown.sender_key, shown.recipient_key, shown.hour, shown.commitment)
    committed = commits(
        shown.commitment,
        shown.opening,
        shown.text.encode(),
        sender=shown.sender_key,
        recipient=shown.recipient_key,
        order=order,
        sent_at=shown.sent_at,
    )
    return is_frank(keys.refs, tenant, franked, shown.frank) and committed
