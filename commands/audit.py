"""`moat audit`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import settings
from audit.cli import audit_group
from audit.entry import Actor, ActorKind
from audit.host import LogHost
from audit.log import AuditLog
from audit.restart import Restart
from commands.host import opened_database
from composition.audit_log import publisher_surroundings
from composition.clock import utc_now
from composition.keys import proved_roots
from database.columns import millis
from database.engine import Database
from vault.log_key import EXPORT_SIGNING, LogKeyring
from web.issuance import CredentialDesk


@contextmanager
def opened_log(
    *, data: Path | None, keys: Path | None, database: str | None, audit_anchor: tuple[str, ...] = ()
) -> Iterator[LogHost]:
    """The log of a deployment, for an operator on its host."""
    chosen = settings.load(data=data, keys=keys, database=database, audit_anchor=audit_anchor)
    opened_here = Database(chosen.database_url, pool_size=2)
    try:
        roots = proved_roots(chosen, opened_here, utc_now)
        around = publisher_surroundings(chosen, opened_here, roots, utc_now)
        log_keys = LogKeyring(opened_here, roots, AuditLog(), utc_now)
        export_keys = LogKeyring(opened_here, roots, AuditLog(), utc_now, usage=EXPORT_SIGNING)
        desk = CredentialDesk(opened_here, AuditLog(), bootstrap_ended=lambda: None)
        yield LogHost(
            database=opened_here,
            keys=log_keys,
            export_keys=export_keys,
            restart=Restart(
                database=opened_here,
                directory=around.directory,
                keys=log_keys,
                anchors=around.anchors,
                now=utc_now,
            ),
            holder=lambda text: desk.holder(text, millis(utc_now())),
            rotate=lambda: log_keys.rotate(Actor(ActorKind.OPERATOR)),
            rotate_export=lambda: export_keys.rotate(Actor(ActorKind.OPERATOR)),
        )
    finally:
        opened_here.dispose()


audit = audit_group(opened_database, opened_log)
