"""Exchanging values for tokens.

    1. judge    each item by itself: kind, purpose, ids, normal form, policy; no database
    2. read     notes, by whoever knows names; no database either
    3. replay   a repeated Idempotency-Key gets the answer of the first call
    4. record   people, sealed records, uses and search index
    5. log      the act's entries
    6. issue    the tokens' texts

Steps 3 to 6 are one transaction. A single value is a batch of one.
"""

from collections.abc import Sequence

from audit.entry import Action, Outcome, Reason
from database.transaction import Transaction
from vault import store
from vault.access import Caller
from vault.grouping import Column, Grouping
from vault.idempotency import keep
from vault.identifier import KIND_BY_CODE
from vault.issuing import issue
from vault.item import AtomicBatchError, Issued, ItemError, Submitted, denied, failed
from vault.judging import Judge
from vault.keyring import TenantKeys
from vault.means import Means
from vault.recording import Recording, Reissued, Stored, Value
from work.replay import Replay

Answer = Issued | ItemError
Fate = Stored | ItemError

_STATES = frozenset({Reason.ERASED, Reason.INTEGRITY, Reason.KEY_WORN})
"""Failures that lie in the person's row and not in the item."""


class Tokenization:
    """The use case behind `POST /v1/tokenize`."""

    def __init__(self, means: Means, recording: Recording) -> None:
        self._means = means
        self._recording = recording

    def tokenize(
        self, caller: Caller, items: Sequence[Submitted], *, atomic: bool = False, replay: Replay | None = None
    ) -> list[Answer]:
        """A token or an error for each item, in order; durable when this returns.

        Raises:
            AtomicBatchError: `atomic`, and an item failed. Nothing was stored; the refusals are in the log.
            IdempotencyMismatchError: the replay's key was used with another body.
        """
        at = self._means.at()
        judge = Judge(self._means.access, caller, at)
        judged = [judge.judged(item) for item in items]

        def work(tx: Transaction, keys: TenantKeys) -> list[Answer]:
            earlier = replay.earlier(tx, keys.idempotency, at) if replay else None
            if earlier is not None:
                return _answered_again(tx, keys, caller.tenant, judged, earlier)
            return self._store(tx, keys, caller, judged, at, atomic=atomic, replay=replay)

        try:
            if atomic:
                _refuse_any(judged)
            self._recording.read([one for one in judged if isinstance(one, Value)])
            answers = self._means.write(caller.tenant, work)
        except AtomicBatchError as refused:
            fates = [fate for _, fate in refused.errors]
            self._means.write(caller.tenant, lambda tx, keys: self._log(tx, keys, caller, fates, at))
            raise
        if damaged := sum(isinstance(answer, ItemError) and answer.code == Reason.INTEGRITY for answer in answers):
            self._means.damaged(damaged)
        return answers

    def _store(
        self,
        tx: Transaction,
        keys: TenantKeys,
        caller: Caller,
        judged: Sequence[Value | ItemError],
        at: int,
        *,
        atomic: bool,
        replay: Replay | None,
    ) -> list[Answer]:
        """Steps 4 to 6. An atomic batch that a subject's state spoils raises, which undoes all of it."""
        values = [one for one in judged if isinstance(one, Value)]
        recorded = iter(self._recording.store(tx, keys, caller.tenant, values, at))
        fates: list[Fate] = []
        for one in judged:
            fate = next(recorded) if isinstance(one, Value) else one
            fates.append(_refused(fate) if isinstance(fate, Reason) else fate)
        if atomic:
            _refuse_any(fates)
        self._log(tx, keys, caller, fates, at)
        if replay is not None:
            outcome = [_outcome(fate) for fate in fates]
            keep(tx, keys, replay, outcome, (fate.subject for fate in fates if isinstance(fate, Stored)), at)
        return _issued(keys, caller.tenant, fates)

    def _log(self, tx: Transaction, keys: TenantKeys, caller: Caller, fates: Sequence[Fate], at: int) -> None:
        groups = _grouping(fates).groups(keys, caller.tenant)
        self._means.append(tx, caller, Action.TOKENIZE, at, groups)


def _refused(reason: Reason) -> ItemError:
    if reason is Reason.FROZEN:
        return denied(reason)
    return failed(reason)


def _refuse_any(fates: Sequence[object]) -> None:
    errors = [(place, fate) for place, fate in enumerate(fates) if isinstance(fate, ItemError)]
    if errors:
        raise AtomicBatchError(errors)


def _grouping(fates: Sequence[Fate]) -> Grouping:
    """The items by their fate. What never reached a person is counted, by purpose and kind where policy denied it."""
    grouping = Grouping()
    columns: dict[tuple[str, int], Column] = {}
    for fate in fates:
        if isinstance(fate, Stored):
            column = columns.get((fate.purpose, fate.kind))
            if column is None:
                column = grouping.column(Outcome.DONE, purpose=fate.purpose, kind=KIND_BY_CODE[fate.kind].name)
                columns[fate.purpose, fate.kind] = column
            subjects, rows, refs = column
            subjects.append(fate.pseudonym)
            rows.append(fate.row)
            refs.append(fate.ref)
        elif fate.reason is not None:
            grouping.add(Outcome.DENIED, fate.reason, purpose=fate.purpose, kind=fate.kind)
        else:
            grouping.add(Outcome.FAILED, Reason(fate.code) if fate.code in _STATES else Reason.INVALID)
    return grouping


def _outcome(fate: Fate) -> int | str:
    """A fate as an idempotency record keeps it: the row, negative where it was there before, or the error's code."""
    if isinstance(fate, ItemError):
        return fate.code
    return fate.row if fate.created else -fate.row


def _issued(keys: TenantKeys, tenant: int, fates: Sequence[Fate]) -> list[Answer]:
    tokens = iter(issue(keys, tenant, [fate for fate in fates if isinstance(fate, Stored)]))
    return [Issued(next(tokens), fate.created) if isinstance(fate, Stored) else fate for fate in fates]


def _answered_again(
    tx: Transaction, keys: TenantKeys, tenant: int, judged: Sequence[Value | ItemError], earlier: Sequence[int | str]
) -> list[Answer]:
    """The first call's answer, rebuilt from its rows; a record that is gone since then is not found."""
    rows = {abs(outcome) for outcome in earlier if isinstance(outcome, int)}
    found = {
        row[0]: Reissued(*row) for row in tx.all(store.REISSUED_RECORDS, rows=[(row,) for row in rows], tenant=tenant)
    }
    tokens = dict(zip(found, issue(keys, tenant, list(found.values())), strict=True))
    answers: list[Answer] = []
    for one, outcome in zip(judged, earlier, strict=True):
        if isinstance(outcome, int):
            token = tokens.get(abs(outcome))
            answers.append(Issued(token, outcome > 0) if token else failed(Reason.NOT_FOUND))
        else:
            answers.append(one if isinstance(one, ItemError) and one.code == outcome else ItemError(outcome))
    return answers
