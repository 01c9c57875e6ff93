"""Receipts of a deployment: the keys that sign them, and the published log that proves them."""

from audit.directory import LogDirectory
from audit.published import NotPublishedError, PublishedLogs
from composition.foundation import Foundation
from composition.part import Part
from consent.ports import Editions
from consent.receipts.http import ReceiptApi
from consent.receipts.issuing import Receipts
from consent.receipts.ports import Proved
from vault.log_key import LogKeyring
from vault.means import Means
from vault.subject_lookup import SubjectLookup

RECEIPT_SIGNING = "receipt_signing"


class PublishedProofs:
    """Proofs out of the log's files."""

    def __init__(self, logs: PublishedLogs) -> None:
        self._logs = logs

    def of(self, log: int, leaf: int) -> Proved | None:
        """The proof of an entry; None until this host has published it."""
        try:
            published = self._logs.log(log)
            _, proof = published.proof(leaf)
        except NotPublishedError:
            return None
        return Proved(published.checkpoint.origin, leaf, bytes(proof))


def receipts_part(base: Foundation, means: Means, editions: Editions) -> Part:
    """Receipts and records."""
    receipts = Receipts(
        base.database,
        SubjectLookup(means),
        editions,
        base.log,
        base.now,
        proofs=PublishedProofs(PublishedLogs(LogDirectory(base.chosen.audit_directory))),
        keys=LogKeyring(base.database, base.roots, base.log, base.now, usage=RECEIPT_SIGNING),
    )
    return Part(blueprints=ReceiptApi(receipts).blueprints())
