"""The auditor's desk of a deployment."""

from collections.abc import Sequence

from audit.checkpoint import ED25519, VerifierKey
from audit.http import asking
from audit.lag import LagWatch
from audit.numbering import Head
from audit.store import HEAD
from composition.audit_log import ReadLog
from composition.foundation import Foundation
from composition.part import Part
from composition.staff import Staff
from pages.auditor.desk import PLACES, AuditorUseCases, blueprint
from pages.shell.site import Site
from vault.log_key import LogKeyring


def auditor_part(base: Foundation, site: Site, staff: Staff, read: ReadLog, lag: LagWatch) -> Part:
    """Its pages, which staff who read the log find among their places."""
    keys = LogKeyring(base.database, base.roots, base.log, base.now)

    def verifier_keys() -> Sequence[VerifierKey]:
        row = base.database.read(None, lambda tx: tx.one(HEAD))
        return [] if row is None else [VerifierKey(Head(*row).origin, ED25519, one) for one in keys.publics()]

    use = AuditorUseCases(
        reading=read.reading,
        published=read.published,
        exports=read.exports,
        jobs=base.jobs,
        lag=lag,
        keys=verifier_keys,
    )
    staff.places.extend(PLACES)
    return Part(pages=[blueprint(site, staff.door, use, asking)])
