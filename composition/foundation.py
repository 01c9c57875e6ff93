"""What every part of a deployment stands on: settings, clock, database, keys, log, jobs and metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import structlog
from prometheus_client import CollectorRegistry

from audit.log import AuditLog
from composition.erasure import LISTENERS
from composition.keys import roots_of
from database.engine import Database
from settings import Settings
from vault.custody.roots import Roots
from vault.custody.unsealing import Unsealing
from vault.destruction import Destruction
from vault.errors import KeysUnavailableError, LedgerError
from vault.keyring import Keyring
from vault.shred_ledger import ShredLedger
from web.logs import refusal_line
from work.desk import JobDesk

VERSION = version("moat-privacy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """Made once for a deployment; every part takes what it needs."""

    chosen: Settings
    now: Callable[[], datetime]
    database: Database
    log: AuditLog
    roots: Roots
    keyring: Keyring
    unsealing: Unsealing
    destruction: Destruction
    jobs: JobDesk
    registry: CollectorRegistry


def lay(chosen: Settings, now: Callable[[], datetime], minted: Mapping[int, int] | None = None) -> Foundation:
    """The foundation of a deployment whose database has its schema. Where the key provider does not answer, no key can be used
    until it does; `minted` are the token key versions of before this start, which are then followed by new ones. The shred
    ledger comes first: what an earlier process left half destroyed, or a restored copy brought back, is destroyed before any
    key can be used, and a ledger that cannot be relied on keeps every key closed.

    Raises:
        RootKeyError: the root key is missing, damaged, or of another database.
    """
    database = Database(chosen.database_url, pool_size=chosen.threads + 4)
    log = AuditLog()
    roots = roots_of(chosen, database, now)
    keyring = Keyring(database, roots, log, now)

    destruction = Destruction(database, shred_ledger(chosen), log, now, LISTENERS)

    def ready_to_open() -> None:
        _catch_up(destruction)
        if minted is not None:
            keyring.renew_token_keys(beyond=minted)

    unsealing = Unsealing(roots, opened=ready_to_open, told=_seal_line)
    unsealing.attempt()
    return Foundation(
        chosen=chosen,
        now=now,
        database=database,
        log=log,
        roots=roots,
        keyring=keyring,
        unsealing=unsealing,
        destruction=destruction,
        jobs=JobDesk(database),
        registry=CollectorRegistry(),
    )


def shred_ledger(chosen: Settings) -> ShredLedger:
    """The shred ledger of a deployment, not read yet."""
    return ShredLedger(chosen.shred_ledger or chosen.keys, chosen.keys)


def _catch_up(destruction: Destruction) -> None:
    try:
        destruction.catch_up()
    except LedgerError as error:
        raise KeysUnavailableError(f"shred_ledger_{error.cause}") from error


def _seal_line(cause: str | None) -> None:
    if cause is None:
        structlog.get_logger().info("unsealed", check="key_provider")
    else:
        refusal_line("key_provider", cause)
