"""What every use case of the vault works with, and the frame that all of them share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from audit.entry import Act, Action, Behalf, Group
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from vault.access import Access, Caller
from vault.errors import IntegrityError, NotFoundError
from vault.fingerprint import subject_fingerprint
from vault.keyring import Keyring, TenantKeys
from vault.subject import SubjectDirectory

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Means:
    """The vault's own services, wired once by the composition root."""

    database: Database
    keyring: Keyring
    subjects: SubjectDirectory
    access: Access
    log: AuditLog
    now: Callable[[], datetime]
    damaged: Callable[[int], None]
    """Told how many stored rows did not open although nothing was asked wrongly."""

    def at(self) -> int:
        """The moment of a use case, read once: milliseconds since the epoch."""
        return millis(self.now())

    def write(self, tenant: int, work: Callable[[Transaction, TenantKeys], Answer]) -> Answer:
        """Run `work` in one transaction with the tenant's keys; again from the start when keys or rows moved on.

        Raises:
            NotFoundError: a stored row that the whole of `work` rests on did not open. It answers like one that is not there.
        """
        try:
            return self.keyring.using(tenant, lambda keys: self.database.write(tenant, lambda tx: work(tx, keys)))
        except IntegrityError:
            self.damaged(1)
            raise NotFoundError from None

    def acted(self, caller: Caller) -> str:
        """The fingerprint of the person that the caller acts for; empty when it acts for itself."""
        if caller.acting is None:
            return ""
        keys = self.keyring.of(caller.tenant)
        return subject_fingerprint(keys.subject_index, tenant=caller.tenant, subject=caller.acting.subject).hex()

    def append(
        self,
        tx: Transaction,
        caller: Caller,
        action: Action,
        at: int,
        groups: Sequence[Group],
        behalf: Behalf | None = None,
    ) -> None:
        """Log the use case in its own transaction: the act that `act` makes of it."""
        self.log.append(tx, self.act(caller, action, at, groups, behalf))

    def act(
        self, caller: Caller, action: Action, at: int, groups: Sequence[Group], behalf: Behalf | None = None
    ) -> Act:
        """What the log is told of a use case. A purpose that the catalogue has not is the caller's own word: it may say
        anything, a phone number too, and stays out."""
        known = [
            group
            if group.purpose is None or self.access.knows(caller.tenant, group.purpose)
            else replace(group, purpose=None)
            for group in groups
        ]
        return Act(
            action, caller.actor, caller.tenant, at, caller.request, known, policy=self.access.epoch, behalf=behalf
        )
