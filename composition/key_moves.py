"""The root keys of a deployment as people at its host move them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import settings
from audit.log import AuditLog
from composition.clock import utc_now
from composition.keys import root_key_line, roots_of
from database.columns import millis
from database.engine import Database
from settings import Settings
from vault.provider_cli import MoveHost
from vault.rewrapping import Rewrapping
from web.issuance import CredentialDesk


@contextmanager
def opened_move(*, to: str | None = None, **options: object) -> Iterator[MoveHost]:
    """The root keys with the keepers of the settings; where `to` is none of them, it comes before the first, as the new one."""
    chosen = _with(settings.load(**options), to, options)
    database = Database(chosen.database_url, pool_size=2)
    roots = roots_of(chosen, database, utc_now)
    desk = CredentialDesk(database, AuditLog(), bootstrap_ended=lambda: None)
    try:
        yield MoveHost(
            move=Rewrapping(database, roots, AuditLog(), utc_now),
            holder=lambda text: desk.holder(text, millis(utc_now())),
            why=partial(root_key_line, chosen),
        )
    finally:
        roots.close()
        database.dispose()


def _with(chosen: Settings, to: str | None, options: dict[str, object]) -> Settings:
    if to is None or to in chosen.key_providers:
        return chosen
    return settings.load(**{**options, "key_provider": to, "key_provider_from": chosen.key_provider})
