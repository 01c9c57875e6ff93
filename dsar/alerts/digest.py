"""Who saw my data: a summary that a person may wish for, once in 30 days, and the job that sends what is due.

It counts, by role, how often somebody else read, used or searched for the person's data since the last time. Where nobody has,
nothing is sent.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.columns import millis, moment, rfc3339
from database.engine import Database
from database.transaction import Transaction
from dsar.alerts import store
from dsar.alerts.words import counts_told
from dsar.disclosure.accesses import group_of, role_of
from dsar.disclosure.ports import AccessEntries, PersonNames
from dsar.ports import Messenger
from dsar.request import By
from work.job import Job, Progress
from work.timetable import DueJob

KIND = "access_digest"
TEMPLATE = "access_digest"
EVERY_MS = 30 * 86_400_000
AT_ONCE = 20
LOOKED = frozenset({"read", "searched"})
"""The groups of actions that count as somebody having looked."""
SELF = "self"


class Wish(NamedTuple):
    """A summary that is wished for; the next one comes at `next_at`, in milliseconds since the epoch."""

    locale: str
    next_at: int


class Digests:
    """The use cases of a person."""

    def __init__(self, database: Database, log: AuditLog, names: PersonNames) -> None:
        self._database = database
        self._log = log
        self._names = names

    def wish(self, tenant: int, subject: int) -> Wish | None:
        """The person's wish, if there is one."""
        row = self._database.read(tenant, lambda tx: tx.one(store.DIGEST, tenant=tenant, subject=subject))
        return None if row is None else Wish(row[0], row[2])

    def choose(self, tenant: int, subject: int, *, on: bool, locale: str, by: By) -> None:
        """Wish for it, from now on, or no more."""
        ref = self._names.ref(tenant, subject)

        def work(tx: Transaction) -> None:
            if on:
                wish: dict[str, Any] = {"locale": locale, "since": by.at, "next_at": by.at + EVERY_MS}
                tx.run(store.PUT_DIGEST, tenant=tenant, subject=subject, **wish)
            else:
                tx.run(store.DELETE_DIGEST, tenant=tenant, subject=subject)
            group = Group(Outcome.DONE, kind="on" if on else "off", subjects=() if ref is None else (ref,))
            self._log.append(tx, Act(Action.DIGEST_CHOOSE, by.actor, tenant, by.at, by.call, [group]))

        self._database.write(tenant, work)


class DigestTimetable:
    """A job for each tenant and day on which a summary is due."""

    def due(self, tx: Transaction, at: int) -> Sequence[DueJob]:
        """By a reading transaction of the system's scope."""
        day = moment(at).date().isoformat()
        tenants = tx.all(store.TENANTS_WITH_DIGESTS_DUE, at=at)
        return [DueJob(tenant=tenant, kind=KIND, occurrence=day, params={"day": day}) for (tenant,) in tenants]


class DigestTask:
    """Sends what is due, a bounded batch in each step."""

    kind = KIND

    def __init__(
        self,
        database: Database,
        messenger: Messenger,
        now: Callable[[], datetime],
        *,
        names: PersonNames,
        accesses: AccessEntries,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._now = now
        self._names = names
        self._accesses = accesses

    def step(self, job: Job, number: int) -> Progress:  # noqa: ARG002 - what is due stands in the table, whatever the number
        """Send to the next people. Raises OSError where a message did not leave; it comes again."""
        at = millis(self._now())
        tenant = job.tenant
        rows = self._database.read(tenant, lambda tx: tx.all(store.DIGESTS_DUE, tenant=tenant, at=at, limit=AT_ONCE))
        for subject, locale, since in rows:
            self._tell(tenant, subject, locale, since, at)
        count = self._database.read(tenant, lambda tx: tx.one(store.COUNT_DIGESTS_DUE, tenant=tenant, at=at))
        left, done = int(count[0]) if count else 0, job.done + len(rows)
        return Progress(done, done + left, finished=left == 0, wait_seconds=1.0 if left else 0.0)

    def abandon(self, job: Job) -> None:
        """Nothing to remove."""

    def _tell(self, tenant: int, subject: int, locale: str, since: int, at: int) -> None:
        counts = self._counted(tenant, subject, since)
        if counts:
            values = {
                "since": moment(since).date().isoformat(),
                "until": moment(at).date().isoformat(),
                "count": str(sum(counts.values())),
                "who": counts_told(counts, locale),
            }
            self._messenger.send(tenant, subject, template=TEMPLATE, locale=locale, values=values)

        def work(tx: Transaction) -> None:
            tx.run(store.MOVE_DIGEST, tenant=tenant, subject=subject, at=at, next_at=at + EVERY_MS)

        self._database.write(tenant, work)

    def _counted(self, tenant: int, subject: int, since: int) -> Counter[str]:
        """How often each role looked since then."""
        counts: Counter[str] = Counter()
        ref, after = self._names.ref(tenant, subject), rfc3339(since)
        for fields in () if ref is None else self._accesses.of(tenant, ref):
            if fields["at"] < after:
                break
            if fields["outcome"] == "done" and group_of(fields["action"]) in LOOKED and role_of(fields) != SELF:
                counts[role_of(fields)] += 1
        return counts
