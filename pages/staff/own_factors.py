"""What members change about their own means of signing in, while they are signed in."""

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from pages.staff import one_time, store
from pages.staff.errors import LastFactorError, NotLetInError, StaffNotFoundError
from pages.staff.factors import Factors, add_passkey, key_mark, set_app, take_challenge
from pages.staff.member import Method, Signed
from web.issuance import Occasion


class OwnFactors:
    """The use cases of a member's own passkeys and app."""

    def __init__(self, database: Database, log: AuditLog, factors: Factors) -> None:
        self._database = database
        self._log = log
        self._factors = factors

    def add_passkey(self, signed: Signed, answer: str, now: Occasion) -> None:
        """Add a passkey. Raises NotLetInError."""
        key, challenge = self._factors.party.made(answer)
        tenant = signed.principal.tenant

        def work(tx: Transaction) -> None:
            take_challenge(tx, tenant, challenge, signed.staff, now.at)
            add_passkey(tx, tenant, signed.staff, key, now.at)
            self._record(tx, Action.STAFF_FACTOR_ADD, signed, Method.PASSKEY, now)

        self._database.write(tenant, work)

    def set_app(self, signed: Signed, secret: str, code: str, now: Occasion) -> None:
        """Set up an app, instead of the one before. Raises NotLetInError where its code is wrong."""
        tenant = signed.principal.tenant
        step = one_time.matching_step(secret, code, now.at, 0)
        if step is None:
            raise NotLetInError
        sealed = self._factors.sealed(tenant, signed.staff, secret)

        def work(tx: Transaction) -> None:
            set_app(tx, tenant, signed.staff, sealed, now.at, step)
            self._record(tx, Action.STAFF_FACTOR_ADD, signed, Method.CODE, now)

        self._database.write(tenant, work)

    def remove_passkey(self, signed: Signed, mark: str, now: Occasion) -> None:
        """Remove a passkey.

        Raises:
            StaffNotFoundError: they have none of this mark.
            LastFactorError: they have nothing else.
        """
        tenant = signed.principal.tenant

        def work(tx: Transaction) -> None:
            keys = [bytes(row[0]) for row in tx.all(store.PASSKEYS, tenant=tenant, staff=signed.staff)]
            wanted = [key for key in keys if key_mark(key) == mark]
            if not wanted:
                raise StaffNotFoundError
            if len(keys) == 1 and tx.one(store.TOTP, tenant=tenant, staff=signed.staff) is None:
                raise LastFactorError
            tx.run(store.REMOVE_PASSKEY, tenant=tenant, staff=signed.staff, id=wanted[0])
            self._record(tx, Action.STAFF_FACTOR_REMOVE, signed, Method.PASSKEY, now)

        self._database.write(tenant, work)

    def remove_app(self, signed: Signed, now: Occasion) -> None:
        """Remove the app. Raises LastFactorError where they have nothing else."""
        tenant = signed.principal.tenant

        def work(tx: Transaction) -> None:
            if not tx.all(store.PASSKEYS, tenant=tenant, staff=signed.staff):
                raise LastFactorError
            tx.run(store.REMOVE_TOTP, tenant=tenant, staff=signed.staff)
            self._record(tx, Action.STAFF_FACTOR_REMOVE, signed, Method.CODE, now)

        self._database.write(tenant, work)

    def _record(self, tx: Transaction, action: Action, signed: Signed, method: Method, now: Occasion) -> None:
        group = Group(Outcome.DONE, kind=method.value, rows=[signed.staff])
        self._log.append(tx, Act(action, now.actor, signed.principal.tenant, now.at, now.request, (group,)))
