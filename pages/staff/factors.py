"""What members sign in with: passkeys and authenticator apps. Each function works in the caller's transaction, or before it where
the key provider may have to be asked."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from database.engine import Database
from database.transaction import Transaction
from pages.staff import one_time, store
from pages.staff.errors import NotLetInError
from pages.staff.member import CHALLENGE_LIFE_MS
from pages.staff.ports import Sealer
from pages.staff.relying_party import Passkey, RelyingParty, digest_of

TOTP_ROW = 0x544F_5450
"""The row that a secret is sealed in; its owner is the member."""

ANYBODY = 0
_CHALLENGE_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Held:
    """A passkey of a list. `mark` names it there. Times are milliseconds since the epoch."""

    mark: str
    synced: bool
    made_at: int
    used_at: int | None


class Factors:
    """The factors of members."""

    def __init__(self, database: Database, party: RelyingParty, seal: Sealer) -> None:
        self._database = database
        self.party = party
        self._seal = seal

    def challenge(self, tenant: int, staff: int, at: int) -> bytes:
        """A challenge for a member, or for `ANYBODY`, to be signed once within minutes."""
        drawn = secrets.token_bytes(_CHALLENGE_OCTETS)
        row = (tenant, digest_of(drawn), staff or None, at + CHALLENGE_LIFE_MS)
        self._database.write(tenant, lambda tx: tx.insert(store.INSERT_CHALLENGE, [row]))
        return drawn

    def sealed(self, tenant: int, staff: int, secret: str) -> tuple[int, bytes]:
        """A secret as it is stored. Not within a transaction: the key provider may be asked."""
        return self._seal.seal(tenant, secret.encode(), owner=staff, row=TOTP_ROW)

    def opened(self, tenant: int, staff: int, sealed: tuple[int, bytes]) -> str:
        """A secret as it was sealed. Not within a transaction."""
        return self._seal.open(tenant, sealed, owner=staff, row=TOTP_ROW).decode()

    def code_secret(self, tenant: int, staff: int) -> str | None:
        """The secret of a member's app, if they have one. Not within a transaction."""
        row = self._database.read(tenant, lambda tx: tx.one(store.TOTP, tenant=tenant, staff=staff))
        return None if row is None else self.opened(tenant, staff, (row[0], bytes(row[1])))

    def held(self, tenant: int, staff: int) -> tuple[Sequence[bytes], bool]:
        """The ids of a member's passkeys, and whether they have an app."""

        def work(tx: Transaction) -> tuple[Sequence[bytes], bool]:
            rows = tx.all(store.PASSKEYS, tenant=tenant, staff=staff)
            return [bytes(row[0]) for row in rows], tx.one(store.TOTP, tenant=tenant, staff=staff) is not None

        return self._database.read(tenant, work)

    def list(self, tenant: int, staff: int) -> Sequence[Held]:
        """A member's passkeys, the oldest first."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.PASSKEYS, tenant=tenant, staff=staff))
        return [Held(key_mark(bytes(key)), bool(synced), made_at, used_at) for key, synced, made_at, used_at in rows]


def key_mark(key: bytes) -> str:
    """What names a passkey in its owner's list."""
    return digest_of(key)[:6].hex()


def take_challenge(tx: Transaction, tenant: int, challenge: bytes, staff: int, at: int) -> None:
    """Take a challenge, once.

    Raises:
        NotLetInError: it was not given out to this member (or `ANYBODY`), was taken before, or is over.
    """
    if not tx.run(store.TAKE_CHALLENGE, tenant=tenant, digest=digest_of(challenge), staff=staff, at=at):
        raise NotLetInError


def add_passkey(tx: Transaction, tenant: int, staff: int, key: Passkey, at: int) -> None:
    """Let a member sign in with a passkey.

    Raises:
        NotLetInError: it is somebody's already.
    """
    row = (tenant, key.id, staff, key.public_key, key.signs, key.synced, at, None)
    if not tx.insert(store.INSERT_PASSKEY, [row]):
        raise NotLetInError


def set_app(tx: Transaction, tenant: int, staff: int, sealed: tuple[int, bytes], at: int, step: int) -> None:
    """Let a member sign in with an app, instead of the one before. `step` is that of the code that showed it."""
    tx.run(store.REMOVE_TOTP, tenant=tenant, staff=staff)
    tx.insert(store.INSERT_TOTP, [(tenant, staff, *sealed, at, step)])


def take_code(tx: Transaction, tenant: int, staff: int, secret: str, code: str, at: int) -> None:
    """Take a code of a member's app, once.

    Raises:
        NotLetInError: it is wrong, or of a step whose code was taken.
    """
    row = tx.one(store.TOTP_STEP, tenant=tenant, staff=staff)
    step = one_time.matching_step(secret, code, at, 0 if row is None else row[0])
    if row is None or step is None or not tx.run(store.TOTP_TAKEN, tenant=tenant, staff=staff, step=step):
        raise NotLetInError
