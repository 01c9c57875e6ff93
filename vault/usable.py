"""Whether what is kept of a person may be used for a delivery now: of an order's messages, traces and pictures, which are no
records and are asked about by themselves."""

from audit.entry import Reason
from database.transaction import Transaction
from vault import store
from vault.errors import DeniedError, NotFoundError, SubjectErasedError
from vault.keyring import TenantKeys
from vault.means import Means
from vault.ports import Reveal
from vault.subject import OpenSubject, SubjectRow, SubjectState

PURPOSE = "delivery"


class Use:
    """One kind of use; `kind` is what the gates are asked for, and `view` what is shown."""

    def __init__(self, means: Means, *, kind: str, sensitive: bool, view: str) -> None:
        self._means = means
        self._kind = kind
        self._sensitive = sensitive
        self._view = view

    def of(self, tx: Transaction, keys: TenantKeys, tenant: int, number: int, at: int) -> OpenSubject | Reason:
        """The person with this internal number, opened, or why nothing of theirs may be used.

        Raises:
            IntegrityError: the person's row does not open.
            KeysChangedError: the keys have moved on.
        """
        rows = tx.all(store.SUBJECTS_BY_NUMBER, rows=[(number,)], tenant=tenant)
        if not rows:
            return Reason.ERASED
        row = SubjectRow(*rows[0])
        if row.state != SubjectState.ACTIVE:
            return Reason.ERASED if row.state == SubjectState.ERASED else Reason.FROZEN
        reveal = Reveal(number, self._kind, self._sensitive, PURPOSE, self._view, bool(row.restricted))
        (refusal,) = self._means.access.refusals(tx, [reveal], at)
        return refusal or self._means.subjects.opened(keys, tenant, row, at)


def refuse(reason: Reason) -> None:
    """Raise the refusal that a reason stands for, once its entry is durable.

    Raises:
        NotFoundError: there is no such thing.
        SubjectErasedError: the person was erased.
        DeniedError: an authority refused.
    """
    if reason in {Reason.NOT_FOUND, Reason.INTEGRITY}:
        raise NotFoundError
    if reason is Reason.ERASED:
        raise SubjectErasedError
    raise DeniedError(reason)
