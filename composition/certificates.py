"""The keys that certificates of erasure are checked with, for an operator on the host."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import settings
from audit.checkpoint import VerifierKey
from audit.log import AuditLog
from composition.clock import utc_now
from composition.keys import proved_roots
from database.engine import Database
from vault.certificate import verifier_key
from vault.log_key import ERASURE_SIGNING, LogKeyring


@contextmanager
def opened_certificates(
    *, data: Path | None, keys: Path | None, database: str | None
) -> Iterator[Callable[[], Sequence[VerifierKey]]]:
    """What lists the verifier keys of a deployment."""
    chosen = settings.load(data=data, keys=keys, database=database)
    opened = Database(chosen.database_url, pool_size=2)
    try:
        roots = proved_roots(chosen, opened, utc_now)
        signing = LogKeyring(opened, roots, AuditLog(), utc_now, usage=ERASURE_SIGNING)
        signing.signers()
        yield lambda: [verifier_key(chosen.audit_origin, public) for public in signing.publics()]
    finally:
        opened.dispose()
