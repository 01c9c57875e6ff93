"""Looking a token up without opening its value, and revoking it."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from audit.entry import Action, Outcome, Reason
from database.columns import rfc3339
from database.transaction import Transaction
from vault import issuing, policy, store
from vault.access import Caller
from vault.disclosure import RECORD_COLUMNS, RecordRow
from vault.errors import DeniedError, IntegrityError, KeysChangedError, NotFoundError
from vault.grouping import Grouping
from vault.identifier import KIND_BY_CODE
from vault.keyring import TenantKeys
from vault.means import Means
from vault.notes import BARE_NAMES
from vault.protection.honey import Trap
from vault.subject import OpenSubject, SubjectRow

Answer = TypeVar("Answer")


class Use(NamedTuple):
    """A reason for which the record is kept."""

    purpose: str
    ref: str
    since: str


class IssuedToken(NamedTuple):
    """What a token stands for, without the value. `found` counts the personal values in a note by kind."""

    kind: str
    subject: str
    created_at: str
    expires_at: str | None
    uses_left: int | None
    uses: list[Use]
    found: dict[str, int]


class IssuedTokens:
    """The use cases behind `GET` and `DELETE /v1/tokens/{token}`."""

    def __init__(self, means: Means, trap: Trap) -> None:
        self._means = means
        self._trap = trap

    def get(self, caller: Caller, token: str) -> IssuedToken:
        """What the token stands for.

        Raises:
            NotFoundError: no such token.
            DeniedError: the role may not look tokens up.
        """

        def seen(tx: Transaction, record: RecordRow, subject: OpenSubject) -> IssuedToken:
            uses = tx.all(store.USES, tenant=caller.tenant, record=record.row)
            return IssuedToken(
                KIND_BY_CODE[record.kind].name,
                subject.platform_id,
                rfc3339(record.created_at),
                None if record.expires_at is None else rfc3339(record.expires_at),
                record.uses_left,
                [Use(purpose, ref, rfc3339(since)) for purpose, ref, since in uses],
                dict(tx.all(store.NOTE_FINDINGS, tenant=caller.tenant, record=record.row, other=BARE_NAMES)),
            )

        return self._on_record(caller, token, policy.Action.TOKEN_READ, Action.TOKEN_READ, seen)

    def revoke(self, caller: Caller, token: str) -> None:
        """Delete the record: the token is not found from now on, for anyone.

        Raises:
            NotFoundError: no such token.
            DeniedError: the role may not revoke.
        """

        def delete(tx: Transaction, record: RecordRow, _subject: OpenSubject) -> bool:
            return tx.run(store.DELETE_RECORD, tenant=caller.tenant, record=record.row) > 0

        self._on_record(caller, token, policy.Action.TOKEN_REVOKE, Action.TOKEN_REVOKE, delete)

    def _on_record(
        self,
        caller: Caller,
        token: str,
        asked: policy.Action,
        action: Action,
        act: Callable[[Transaction, RecordRow, OpenSubject], Answer],
    ) -> Answer:
        allowed = self._means.access.may_administer(caller, asked)
        at = self._means.at()
        sprung = 0

        def work(tx: Transaction, keys: TenantKeys) -> Answer | Reason:
            nonlocal sprung
            sprung = 0
            grouping = Grouping()
            answer: Answer | Reason = Reason.POLICY
            if not allowed:
                grouping.add(Outcome.DENIED, Reason.POLICY)
            elif (found := self._reached(tx, keys, caller, token, at)) is None:
                answer = Reason.NOT_FOUND
                named = issuing.read(keys, caller.tenant, [token])[0]
                sprung = 0 if named is None else self._trap.look(tx, caller, [named], at)
                grouping.add(Outcome.FAILED, Reason.NOT_FOUND)
            else:
                record, subject = found
                answer = act(tx, record, subject)
                subjects, rows, refs = grouping.column(Outcome.DONE, kind=KIND_BY_CODE[record.kind].name)
                subjects.append(subject.ref)
                rows.append(record.row)
                refs.append("")
            self._means.append(tx, caller, action, at, grouping.groups(keys, caller.tenant))
            return answer

        answer = self._means.write(caller.tenant, work)
        self._trap.sound(sprung)
        if answer is Reason.POLICY:
            raise DeniedError(Reason.POLICY)
        if isinstance(answer, Reason):
            raise NotFoundError
        return answer

    def _reached(
        self, tx: Transaction, keys: TenantKeys, caller: Caller, token: str, at: int
    ) -> tuple[RecordRow, OpenSubject] | None:
        """The live record of a token. Expired ones are gone for a caller, whatever a sweeper has done."""
        named = issuing.read(keys, caller.tenant, [token])[0]
        if named is None and tx.one(store.EPOCH, tenant=caller.tenant) != (keys.epoch,):
            raise KeysChangedError  # see vault.detokenization
        if named is None and caller.preserving:
            named = issuing.resolve(tx, keys, caller.tenant, [token])[0]
        rows = tx.all(store.RECORDS, rows=[(named.row,)], tenant=caller.tenant) if named else []
        if not rows or named is None:
            return None
        record = RecordRow(*rows[0][:RECORD_COLUMNS])
        expired = record.expires_at is not None and record.expires_at <= at
        if expired or record.uses_left == 0 or (record.kind, record.token_version) != (named.kind, named.version):
            return None
        try:
            return record, self._means.subjects.opened(keys, caller.tenant, SubjectRow(*rows[0][RECORD_COLUMNS:]), at)
        except IntegrityError:
            return None
