"""Honey tokens: tokens of the usual form that stand for nothing and are left where nobody should look. Whoever presents one has
taken it from there.

A honey token is a token of a record number that was reserved for it and of which there is no record. It is issued under the
tenant's token key like any other, so that its text tells nothing, and it answers like a token whose record is gone. What is
different is written beside the answer: an entry in the log, a count, an alarm, and where it was wanted a freeze of the credential
that presented it, all in the transaction of the answer.
"""

from collections.abc import Sequence
from typing import NamedTuple

from audit.entry import Action, Group, Outcome, Reason
from database.transaction import Transaction
from vault import issuing, policy
from vault import store as vault_store
from vault.access import Caller
from vault.errors import DeniedError, KeysChangedError
from vault.identifier import KIND_BY_CODE, KINDS
from vault.item import OPAQUE_FORMAT
from vault.keyring import TenantKeys
from vault.means import Means
from vault.ports import Alarm, Credentials
from vault.protection import store
from vault.protection.freeze import FreezeReason, Frozen
from vault.protection.freezing import BY_ITSELF, put_freeze
from work.replay import Replay


class Honey(NamedTuple):
    """A honey token without its text. Times are milliseconds since the epoch."""

    record: int
    kind: str
    place: str
    freezes: bool
    made_at: int
    trips: int
    tripped_at: int | None


class _Issuable(NamedTuple):
    row: int
    kind: int
    format: int
    token_version: int
    serial: int | None


class HoneyTokens:
    """The use cases behind `/v1/honey-tokens`."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def make(self, caller: Caller, kind: str, place: str, *, freezes: bool, replay: Replay | None = None) -> str:
        """A new honey token of a kind; `place` is a code of where it will be left, and `freezes` whether whoever presents it is
        frozen. Its text is shown to who makes it, and again to who repeats the same call.

        Raises:
            DeniedError: the role may not.
        """
        self._require(caller, Action.HONEY_MAKE)
        at, code = self._means.at(), KINDS[kind].code

        def work(tx: Transaction, keys: TenantKeys) -> str:
            if tx.one(vault_store.EPOCH, tenant=caller.tenant) != (keys.epoch,):
                raise KeysChangedError  # it would be issued under a version that no new token has any more
            earlier = None if replay is None else replay.earlier(tx, keys.idempotency, at)
            row = int(earlier[0]) if earlier else tx.reserve("record", 1)[0]
            version = int(earlier[1]) if earlier else keys.token.version
            if earlier is None:
                kept = (caller.tenant, row, code, version, place, int(freezes), caller.credential, at)
                tx.insert(store.INSERT_HONEY, [kept])
                if replay is not None:
                    replay.keep(tx, keys.idempotency, [row, version], at)
                group = Group(Outcome.DONE, kind=kind, rows=(row,))
                self._means.append(tx, caller, Action.HONEY_MAKE, at, [group])
            return issuing.issue(keys, caller.tenant, [_Issuable(row, code, OPAQUE_FORMAT, version, None)])[0]

        return self._means.write(caller.tenant, work)

    def page(self, caller: Caller, *, after: int, limit: int) -> list[Honey]:
        """Honey tokens in the order in which they were made, without their texts.

        Raises:
            DeniedError: the role may not ask.
        """
        self._require(caller, Action.HONEY_READ)
        at = self._means.at()

        def work(tx: Transaction, _keys: TenantKeys) -> list[Honey]:
            rows = tx.all(store.HONEY_PAGE, tenant=caller.tenant, after=after, limit=limit)
            self._means.append(tx, caller, Action.HONEY_READ, at, [Group(Outcome.DONE, count=len(rows))])
            return [
                Honey(row, KIND_BY_CODE[kind].name, place, bool(freezes), made_at, trips, tripped_at)
                for row, kind, _, place, freezes, _, made_at, trips, tripped_at in rows
            ]

        return self._means.write(caller.tenant, work)

    def _require(self, caller: Caller, action: Action) -> None:
        if self._means.access.may_administer(caller, policy.Action.HONEY):
            return
        at = self._means.at()
        refused = [Group(Outcome.DENIED, Reason.POLICY)]
        self._means.write(caller.tenant, lambda tx, _: self._means.append(tx, caller, action, at, refused))
        raise DeniedError(Reason.POLICY)


class Trap:
    """Looks whether tokens without a record are honey tokens."""

    def __init__(self, means: Means, credentials: Credentials, alarm: Alarm) -> None:
        self._means = means
        self._credentials = credentials
        self._alarm = alarm

    def look(self, tx: Transaction, caller: Caller, named: Sequence[issuing.Named], at: int) -> int:
        """How many of the tokens were honey tokens; what follows is done in the caller's transaction. One that was issued under
        another key version, or for another kind, is none."""
        tenant = caller.tenant
        found = {row[0]: row for row in tx.all(store.HONEY, rows=[(one.row,) for one in named], tenant=tenant)}
        tripped = [one for one in named if one.row in found and found[one.row][1:3] == (one.kind, one.version)]
        if not tripped:
            return 0
        rows = sorted({one.row for one in tripped})
        for row in rows:
            tx.run(store.TRIP, tenant=tenant, record=row, at=at)
        frozen = any(found[row][4] for row in rows) and self._credentials.freeze(tx, tenant, caller.credential, at)
        if frozen:
            reason = FreezeReason.HONEY_TOKEN
            put_freeze(tx, tenant, Frozen.CREDENTIAL, caller.credential, reason=reason, by=BY_ITSELF, at=at)
        group = Group(Outcome.FAILED, Reason.FROZEN if frozen else Reason.NOT_FOUND, rows=rows)
        self._means.append(tx, caller, Action.HONEY_TRIP, at, [group])
        self._alarm.note(tx, tenant, caller.credential, len(rows), at)
        return len(rows)

    def sound(self, count: int) -> None:
        """Tell, after the commit, that so many honey tokens were presented."""
        if count:
            self._alarm.sound(count)
