"""Looking for what looks like abuse, once a minute, over the records of the tenant's last hour or so.

Whoever is over a limit is refused at once, by every process. What is seen here is what only shows over many attempts. Each
signal is a case that an officer closes; while it is open, or the time that it looked at still reaches back behind its closing,
the same caller makes no second one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from masking.relay.calls import store
from masking.relay.calls.brakes import put_brake
from masking.relay.calls.hanging_up import of_freeze
from masking.relay.calls.legs import first_leg
from masking.relay.calls.ports import Directories, Directory, pseudonyms
from masking.relay.calls.rule_book import RuleBook
from masking.relay.calls.rules import Measure, Rules, Signal, Watch

CALLERS_AT_ONCE = 200
DAY_MS = 86_400_000

_STATEMENTS = {
    Signal.PROBING: store.PROBING,
    Signal.SHORT_CALLS: store.SHORT_CALLS,
    Signal.FAN_OUT: store.FAN_OUT,
    Signal.REFUSED: store.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A caller who made a signal: their fingerprint, the vault's number if they are a party, how many, and a binding where it
    was."""

    caller: bytes
    subject: int | None
    count: int
    binding: int | None


class AbuseWatch:
    """Looks. One process of all does so, each minute."""

    def __init__(self, database: Database, log: AuditLog, rules: RuleBook, directories: Directories) -> None:
        self._database = database
        self._log = log
        self._rules = rules
        self._directories = directories

    def __call__(self, at: int) -> None:
        """Look at all tenants that had calls. `at` is in milliseconds since the epoch."""
        tenants = self._database.read(None, lambda tx: tx.all(store.TENANTS_WITH_CALLS, since=at - DAY_MS))
        for (tenant,) in tenants:
            self.look(tenant, at)

    def look(self, tenant: int, at: int) -> int:
        """Look at one tenant; how many signals were new."""

        def attempt(directory: Directory) -> int:
            return self._database.write(tenant, lambda tx: self._signals(tx, directory, tenant, at))

        return self._directories.using(tenant, attempt)

    def _signals(self, tx: Transaction, directory: Directory, tenant: int, at: int) -> int:
        rules: Rules = self._rules.read(tx, tenant)
        new = 0
        for watch in rules.watches:
            for seen in self._seen(tx, tenant, watch, at):
                new += self._judge(tx, directory, tenant, (rules, watch), seen, at)
        return new

    def _seen(self, tx: Transaction, tenant: int, watch: Watch, at: int) -> Sequence[Seen]:
        where: dict[str, Any] = {
            "tenant": tenant,
            "first": first_leg(at - watch.within),
            "count": watch.count,
            "limit": CALLERS_AT_ONCE,
        }
        if watch.signal is Signal.SHORT_CALLS:
            where |= {"under": watch.under, "share": watch.share}
        rows = tx.all(_STATEMENTS[watch.signal], **where)
        return [Seen(bytes(caller), subject, int(count), binding) for caller, subject, count, binding in rows]

    def _judge(
        self, tx: Transaction, directory: Directory, tenant: int, by: tuple[Rules, Watch], seen: Seen, at: int
    ) -> int:
        """Open a case and take the measure; 0 where there is one already."""
        rules, watch = by
        last = tx.one(store.LAST_CASE, tenant=tenant, signal=watch.signal.value, caller=seen.caller)
        if last is not None:
            number, closed_at = last
            if closed_at is None:
                tx.run(store.NOTE_CASE, tenant=tenant, id=number, count=seen.count, at=at)
                return 0
            if closed_at > at - watch.within:
                return 0
        until = at + watch.lasts if watch.measure is not Measure.CASE else at
        case = tx.reserve("relay_case", 1)[0]
        row = (case, tenant, watch.signal.value, watch.measure.value, seen.caller, seen.subject, seen.binding)
        tx.insert(store.INSERT_CASES, [(*row, seen.count, at, at, until)])
        frozen = put_brake(tx, tenant, watch.measure, seen.caller, since=at - watch.within, at=at, until=until)
        for binding in frozen:
            tx.run(store.SET_CASE_BINDING, tenant=tenant, id=case, binding=binding)
        if frozen or watch.measure is Measure.FREEZE_CALLER:
            of_freeze(tx, tenant, rules, seen.caller, frozen, at)
        people = pseudonyms(tx, directory, [] if seen.subject is None else [seen.subject], at)
        group = Group(Outcome.DONE, kind=watch.signal.value, view=watch.measure.value, subjects=people, rows=[case])
        act = Act(Action.RELAY_SIGNAL, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [group])
        self._log.append(tx, act)
        return 1
