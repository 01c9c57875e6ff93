"""Who the people of the audit log are: the pseudonyms of a person whom the platform names, while the person's key exists."""

from collections.abc import Sequence

from audit.entry import SubjectRef
from database.transaction import Transaction
from vault.keyring import TenantKeys
from vault.means import Means


class LogSubjects:
    """Resolves ids of the platform for whoever may read the log."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def pseudonyms(self, tenant: int, platform_id: str) -> Sequence[SubjectRef]:
        """Every pseudonym of the person; none once the person was erased, or was never known.

        Raises:
            IntegrityError: the subject's row was damaged or moved.
        """
        means, at = self._means, self._means.at()

        def attempt(keys: TenantKeys) -> Sequence[SubjectRef]:
            def work(tx: Transaction) -> Sequence[SubjectRef]:
                row = means.subjects.find(tx, keys, tenant, platform_id)
                return () if row is None else (means.subjects.opened(keys, tenant, row, at).ref,)

            return means.database.read(tenant, work)

        return means.keyring.using(tenant, attempt)
