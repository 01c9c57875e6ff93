"""Backups of a vault under test: identities of its own, archives in a directory, and databases that they are put back into."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyrage.x25519 import Identity
from sqlalchemy.engine import make_url

from audit.entry import Act, Action, Actor, ActorKind
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from migrations.schema import known, migrate
from tests.support.clock import Clock
from tests.support.vault import Vault, file_roots
from vault.backup.halves import Half
from vault.backup.making import SYSTEM, BackupMaker, Kept
from vault.backup.places import Place, PostgresqlPlace, SqlitePlace
from vault.backup.restoring import Archives, Checked, Surroundings, restore
from vault.custody.roots import Roots
from vault.custody.store import RootRow
from vault.destruction import Destruction
from vault.keyring import Keyring
from vault.providers.file import FileKeyProvider
from vault.shred_ledger import ShredLedger

DAY_MS = 86_400_000
OPERATOR = Actor(ActorKind.OPERATOR)


@dataclass
class Safe:
    """Who can open the halves, and where they lie."""

    directory: Path
    keyring: str
    data: str

    @classmethod
    def new(cls, directory: Path) -> "Safe":
        directory.mkdir(exist_ok=True)
        return cls(directory, *(str(Identity.generate()) for _ in range(2)))

    def recipient(self, half: Half) -> str:
        """The public key of a half's identity."""
        return str(Identity.from_str(self.keyring if half is Half.KEYRING else self.data).to_public())

    def archives(self, keyring: Path, data: Path) -> Archives:
        return Archives(keyring, data, [self.keyring, self.data])

    def make(self, vault: Vault, *, keyring_days: int = 30, data_days: int = 30) -> Archives:
        """Back a vault up."""
        maker = BackupMaker(vault.database, ShredLedger(vault.keys, vault.keys), AuditLog(), vault.clock, "test")
        days = {Half.KEYRING: keyring_days, Half.DATA: data_days}
        kept = {half: Kept([self.recipient(half)], days[half] * DAY_MS) for half in Half}
        paths = {made.half: made.path for made in maker.make(self.directory, kept, OPERATOR)}
        return self.archives(paths[Half.KEYRING], paths[Half.DATA])


def prepare(url: str, revision: str) -> None:
    """Migrate as the command does it."""
    migrate(make_url(url), revision)


def place_of(url: str) -> Place:
    """The empty database at an address."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqlitePlace(Path(parsed.database or ""), prepare)
    address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresqlPlace(url, address, prepare)


def put_back(
    archives: Archives, url: str, keys: Path, clock: Clock, *, prove: Callable[[RootRow], None] | None = None
) -> tuple[Checked, int]:
    """Restore into an empty database, with the keys of a directory, as the command does it."""
    unproved = Database(url)

    def finish(filled: str) -> int:
        database = Database(filled)
        roots = file_roots(database, keys, clock)
        destroyed = Destruction(database, ShredLedger(keys, keys), AuditLog(), clock).catch_up()
        Keyring(database, roots, AuditLog(), clock).renew_token_keys()
        at = int(clock().timestamp() * 1000)
        act = Act(Action.BACKUP_RESTORE, OPERATOR, SYSTEM, at, str(uuid7(at)))
        database.write(None, lambda tx: AuditLog().append(tx, act))
        database.dispose()
        return destroyed

    around = Surroundings(
        ledger=ShredLedger(keys, keys),
        place=place_of(url),
        knows=known,
        prove=prove or Roots(unproved, [FileKeyProvider(keys)], clock).prove_one,
        prepare=prepare,
        finish=finish,
    )
    try:
        return restore(archives, around)
    finally:
        unproved.dispose()
