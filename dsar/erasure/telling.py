"""The last word to a person whose address is about to be destroyed: nobody can write to them after it (GDPR 12(3), PIPL 50).

It is sent outside any transaction, and again if the process dies before that is noted. Where it does not leave, it is tried a few
times; then the erasure goes on, because a broken way out must not keep data alive.
"""

from database.transaction import Transaction
from dsar.desk.telling import locale_of, values_of
from dsar.erasure import store
from dsar.erasure.means import Case, Means, WaitError
from dsar.ports import Messenger

TEMPLATE = "erasure_last_word"
PERSON = "person"
TRIES = 3
AGAIN_MS = 60_000


class Telling:
    """Sends it, once for each erasure."""

    def __init__(self, means: Means, messenger: Messenger) -> None:
        self._means = means
        self._messenger = messenger

    def tell(self, case: Case) -> None:
        """Send it, unless that was done.

        Raises:
            WaitError: it did not leave; it is tried again.
        """
        means, tenant = self._means, case.request.tenant
        told = means.database.read(tenant, lambda tx: tx.one(store.TOLD, **case.place))
        if told is not None:
            return
        record = means.database.write(tenant, lambda tx: means.desk.locked(tx, case.request))
        values = values_of(record, means.desk.clocks, None)
        try:
            channel = self._messenger.send(
                tenant, case.person.number, template=TEMPLATE, locale=locale_of(record), values=values
            )
        except OSError:
            waiting = case.erasure.waiting
            tries = waiting.attempts if waiting is not None and waiting.holder == PERSON else 0
            if tries < TRIES:
                raise WaitError(PERSON, "not_sent", case.at + AGAIN_MS) from None
            channel = None
        self._note(case, channel)

    def _note(self, case: Case, channel: str | None) -> None:
        row = (case.request.tenant, case.request.id.bytes, case.erasure.round, PERSON, "told")
        done = (channel or "none", 1 if channel else 0, case.at, None)

        def work(tx: Transaction) -> None:
            tx.insert(store.INSERT_RECEIPTS, [(*row, *done)])

        self._means.database.write(case.request.tenant, work)
