"""What every part of a deployment stands on: settings, clock, database, keys, log, jobs and metrics."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from prometheus_client import CollectorRegistry

from audit.log import AuditLog
from database.engine import Database
from settings import Settings
from vault.keyring import Keyring
from vault.ports import KeyProvider
from vault.providers.file import FileKeyProvider
from work.desk import JobDesk

VERSION = version("moat-privacy")


def utc_now() -> datetime:
    """The clock of the settings."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """Made once for a deployment; every part takes what it needs."""

    chosen: Settings
    now: Callable[[], datetime]
    database: Database
    log: AuditLog
    provider: KeyProvider
    keyring: Keyring
    jobs: JobDesk
    registry: CollectorRegistry


def lay(chosen: Settings, now: Callable[[], datetime]) -> Foundation:
    """The foundation of a deployment whose database has its schema and whose root key exists.

    Raises:
        RootKeyError: the root key is missing, damaged, or of another database.
    """
    database = Database(chosen.database_url, pool_size=chosen.threads + 4)
    log = AuditLog()
    provider = key_provider(chosen)
    keyring = Keyring(database, provider, log, now)
    keyring.open()
    return Foundation(
        chosen=chosen,
        now=now,
        database=database,
        log=log,
        provider=provider,
        keyring=keyring,
        jobs=JobDesk(database),
        registry=CollectorRegistry(),
    )


def key_provider(chosen: Settings) -> KeyProvider:
    """The keeper of the root key.

    Raises:
        RootKeyError: the root key is missing or damaged.
    """
    return FileKeyProvider(chosen.keys)
