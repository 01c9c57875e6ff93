"""Having one holder dispose of what it has of a person, so that any kill in between leaves nothing done twice and nothing lost.

    1. look      what the holder has now
    2. judge     one transaction: holds and laws as they are now say what stays; what is to go is noted
    3. dispose   the holder destroys the rest, by an errand that is the same when it is asked again
    4. note      one transaction: its receipt, with the entry in the log; the second time, nothing

Holders that are part of this service ask the holds once more inside the transaction that destroys.
"""

from collections.abc import Sequence

from audit.entry import Action, Group, Outcome
from database.transaction import Transaction
from dsar.erasure import store
from dsar.erasure.facts import UNREACHABLE
from dsar.erasure.judgement import ACCOUNT, Judged, kept_uses
from dsar.erasure.means import Case, Means, UnreachableError, asking, inventory
from dsar.erasure.plan import Line, added
from dsar.holders.holder import Act, Disposal, Holder, Holding, Receipt, Use
from dsar.right import Right

KEYS_AT_ONCE = 2_000
REASONS = {Right.ERASURE: "erasure_request", Right.ACCOUNT_CLOSURE: "account_closed"}
"""Why holders are asked to destroy, by the right that is carried out."""


class Disposing:
    """Step by step as above."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def dispose(self, case: Case, holder: Holder, *, account_stays: bool = False) -> None:
        """Have everything destroyed that nothing keeps; where something is kept, it is restricted there. In the vault, which is
        the last, whoever is restricted is so anyway.

        Raises:
            WaitError: the holder has not done it yet.
            HolderHeldError: a hold came between, and nothing was changed.
        """
        keep = self._judged(case, holder, account_stays=account_stays)
        if Act.DISPOSE not in holder.acts:
            self._note(case, holder, Act.DISPOSE, Receipt(holder=holder.name, method="none", count=0, at=case.at))
            return
        try:
            done, restricted = self._asked(case, holder, keep)
        except UnreachableError:
            done, restricted = Receipt(holder=holder.name, method=UNREACHABLE, count=0, at=case.at), None
        if restricted is not None:
            self._note(case, holder, Act.RESTRICT, restricted)
        self._note(case, holder, Act.DISPOSE, done)

    def _asked(self, case: Case, holder: Holder, keep: frozenset[Use]) -> tuple[Receipt, Receipt | None]:
        with asking(case, holder):
            disposal = Disposal(reason=REASONS[case.request.right], keep=keep)
            done = holder.dispose(case.person, disposal, case.errand("dispose"))
            if not keep or Act.RESTRICT not in holder.acts or holder is case.holders[-1]:
                return done, None
            return done, holder.restrict(case.person, case.errand("restrict"), on=True)

    def _judged(self, case: Case, holder: Holder, *, account_stays: bool) -> frozenset[Use]:
        """Steps 1 and 2; gives what the holder is to keep."""
        means = self._means
        held = inventory(case, holder, case.errand("look"))
        refs = means.names.refs(case.request.tenant, {one.ref for one in held if one.ref})

        def work(tx: Transaction) -> frozenset[Use]:
            judged = means.judged(tx, case, holder, held, refs)
            keep = kept_uses(judged)
            if account_stays or (keep and _has_account(held)):
                keep |= {ACCOUNT}
            goes = [Judged(one.holding, None) for one in judged if one.holding.use not in keep]
            stays = [one for one in judged if one.holding.use in keep]
            forget(tx, case, holder.name, [Line.of(one, refs) for one in stays])
            write(tx, case, [Line.of(one, refs) for one in goes])
            return keep

        return means.database.write(case.request.tenant, work)

    def _note(self, case: Case, holder: Holder, act: Act, receipt: Receipt) -> None:
        row = (case.request.tenant, case.request.id.bytes, case.erasure.round, holder.name, act.value)

        def work(tx: Transaction) -> None:
            done = (receipt.method, receipt.count, receipt.at, receipt.evidence)
            if tx.insert(store.INSERT_RECEIPTS, [(*row, *done)]):
                self._means.note(tx, case, Action.ERASURE_DISPOSE, Group(Outcome.DONE, kind=receipt.method))

        self._means.database.write(case.request.tenant, work)


def write(tx: Transaction, case: Case, lines: Sequence[Line]) -> None:
    """Note lines of this round; those that are there already stay as they are."""
    head = (case.request.tenant, case.request.id.bytes, case.erasure.round)
    tx.insert(store.INSERT_LINES, [(*head, *store.row_of(line)) for line in added(lines)])


def forget(tx: Transaction, case: Case, holder: str, lines: Sequence[Line]) -> None:
    """Take back that these went in this round: something has come to keep them."""
    keys = [(line.category, line.purpose, line.ref) for line in lines]
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        tx.run(store.DELETE_LINES, rows=some, holder=holder, **case.place_in_round)


def _has_account(held: Sequence[Holding]) -> bool:
    return any(one.use == ACCOUNT for one in held)
