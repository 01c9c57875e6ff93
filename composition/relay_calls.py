"""The book of calls of a deployment: whom it asks about people and consents, what it sweeps, and what it watches each
minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from composition.consent import TenantEditions
from composition.foundation import Foundation
from composition.holds import PlatformIds
from composition.part import Part
from consent.records.gate import ConsentGate
from database.transaction import Transaction
from dsar.desk.suppression import published
from masking.relay.calls.book import CallBook
from masking.relay.calls.cases import CaseDesk
from masking.relay.calls.events import CallEvents
from masking.relay.calls.forgetting import CallSweep
from masking.relay.calls.hanging_up import KIND, CutOff
from masking.relay.calls.holding import CallHolding
from masking.relay.calls.http import CallApi, CallDesks
from masking.relay.calls.legal_keys import LegalKeys
from masking.relay.calls.problems import FURTHER, PROBLEMS
from masking.relay.calls.reading import CallReading
from masking.relay.calls.recording import RecordingConsents
from masking.relay.calls.rule_book import RuleBook
from masking.relay.calls.rule_desk import RuleDesk
from masking.relay.calls.sealed_stream import SealedStream
from masking.relay.calls.statistics import CallStatistics
from masking.relay.calls.watch import AbuseWatch
from vault.means import Means
from vault.people import People
from vault.subject_lookup import SubjectLookup

DAY_MS = 86_400_000


class Use(NamedTuple):
    """A use of a person's voice on a line, as the gate of consent is asked about uses of data: by the number that is called."""

    subject: int
    kind: str
    purpose: str


class RecordedConsents:
    """Who has consented to be recorded. A catalogue that rests the purpose on anything but consent allows nobody to be."""

    def __init__(self, editions: TenantEditions) -> None:
        self._editions = editions
        self._gate = ConsentGate(editions)

    def all_agree(self, tx: Transaction, tenant: int, people: Sequence[int], purpose: str, at: int) -> bool:
        """Whether each of the people has consented to the purpose, by its notice in force."""
        edition = self._editions.recent(tenant) or self._editions.in_force(tx, tenant)
        known = edition.catalogue.by_id.get(purpose)
        if known is None or not known.rests_on_consent:
            return False
        uses = [Use(person, "phone", purpose) for person in people]
        return not any(self._gate.refusals(tx, uses, at))


@dataclass(frozen=True, slots=True)
class Calls:
    """The book as the relay and its adapters use it, and what it adds to the deployment."""

    book: CallBook
    events: CallEvents
    consents: RecordingConsents
    holding: CallHolding
    desks: CallDesks
    names: PlatformIds
    part: Part


def relay_calls(base: Foundation, means: Means, editions: TenantEditions) -> Calls:
    """The book of calls of a deployment."""
    rules, stream = RuleBook(), SealedStream()
    directories, names = SubjectLookup(means), PlatformIds(People(means))
    keys = LegalKeys(base.database, base.log, rules, base.now)
    desks = CallDesks(
        reading=CallReading(base.database, base.log, directories, names),
        statistics=CallStatistics(base.database, base.log, rules, published),
        cases=CaseDesk(base.database, base.log, directories, names),
        rules=RuleDesk(base.database, base.log, rules),
        keys=keys,
    )
    part = Part(
        blueprints=[CallApi(desks).blueprint()],
        tables=[PROBLEMS],
        problems=FURTHER,
        warns=[keys.warning],
        sweeps=[CallSweep(base.database), keys.sweep, partial(_forget_jobs, base)],
        rounds={
            "relay_abuse": AbuseWatch(base.database, base.log, rules, directories),
            "relay_cut_off": CutOff(base.database, rules),
        },
    )
    return Calls(
        book=CallBook(rules, stream),
        events=CallEvents(base.database, stream, base.log, directories),
        consents=RecordingConsents(RecordedConsents(editions)),
        holding=CallHolding(base.database),
        desks=desks,
        names=names,
        part=part,
    )


def _forget_jobs(base: Foundation, at: int) -> None:
    """Which calls were ended stands in the book of calls."""
    base.database.write(None, lambda tx: base.jobs.forget_ended(tx, KIND, at - DAY_MS))
