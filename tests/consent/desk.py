"""Consents over a test's database as one process has them, with a clock that is moved and catalogues that are read each time."""

import itertools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from audit.entry import Actor, ActorKind, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from composition.consent import PresentationSigner, TenantEditions, VaultGate
from consent.catalogue_text import starter_source
from consent.catalogues.occasion import Occasion
from consent.catalogues.publication import Publication
from consent.catalogues.source import CatalogueSource
from consent.ports import ConsentListener
from consent.records.asking import Asked, Decided, Decisions
from consent.records.caller import Caller, micros
from consent.records.decision import Question
from consent.records.expiry import Expiry
from consent.records.gate import ConsentErasure, ConsentGate
from consent.records.judgement import Evidence, Fault, Submission
from consent.records.presentation import NotAPresentationError, decode, digest_of
from consent.records.presenting import Presented, Presenting, Wish
from consent.records.reading import Overview, Reading
from consent.records.recording import Answer, Recording
from consent.records.standing import State
from consent.records.store import CHANNEL, EVENTS
from database.columns import millis
from database.transaction import Transaction
from tests.support.vault import TENANT, Vault, submitted
from vault.identifier import Sensitivity
from vault.judged_kind import JUDGED
from vault.log_key import LogKeyring
from vault.ports import Reveal
from vault.subject_lookup import Directory, Found, SubjectLookup
from work.replay import Replay

SMS = "marketing_sms"
SHARING = "merchant_sharing"
PLACE = "precise_location"
SENSITIVE = {name: kind.sensitivity is Sensitivity.SENSITIVE for name, kind in JUDGED.items()}
PAPER = Evidence("paper", b"\x01" * 32)


class Desk:
    """The use cases of consent of one process. `clock` counts the seconds by which catalogues are looked at again."""

    def __init__(
        self,
        vault: Vault,
        *,
        clock: Callable[[], float] | None = None,
        listeners: tuple[ConsentListener, ...] = (),
    ) -> None:
        self.vault = vault
        database, log, now = vault.database, AuditLog(), vault.clock
        self.subjects = SubjectLookup(vault.means)
        self.publication = Publication(database, log, SENSITIVE)
        source = CatalogueSource(database, clock or itertools.count(step=2).__next__)
        self.editions = TenantEditions(source, self.publication)
        keys = LogKeyring(database, vault.roots, log, now, usage="presentation_signing")
        self.signer = PresentationSigner(keys)
        self.presenting = Presenting(database, self.subjects, self.editions, self.signer, log, now)
        self.recording = Recording(database, self.subjects, self.editions, log, now, listeners)
        self.decisions = Decisions(database, self.subjects, self.editions, now, database.changes(CHANNEL, EVENTS))
        self.reading = Reading(database, self.subjects, self.editions, log, now)
        self.expiry = Expiry(database, self.subjects, log, now, listeners)
        self.gate = VaultGate(ConsentGate(self.editions))
        self.erasure = ConsentErasure()

    def caller(self, tenant: int = TENANT) -> Caller:
        at = millis(self.vault.clock())
        return Caller(tenant, Actor(ActorKind.CREDENTIAL, 1, "service"), str(uuid7(at)))

    def present(self, subject: str, *purposes: str, tenant: int = TENANT, **wish: Any) -> Presented:
        wished = Wish(**{"subject": subject, "purposes": purposes, "locale": "zh-Hans", "channel": "app", **wish})
        return self.presenting.present(self.caller(tenant), wished)

    def shown(self, subject: str, *purposes: str, **wish: Any) -> str:
        """The token of a presentation that the person has asked for."""
        return self.present(subject, *purposes, **{"by_person": True, **wish}).token

    def submission(self, subject: str, purpose: str, state: State = State.GIVEN, **said: Any) -> Submission:
        """A submission; `token` is read as the HTTP edge does it."""
        token = said.pop("token", None)
        made = Submission(subject, purpose, state, **said)
        if token is None:
            return made
        try:
            read = decode(token, self.signer.verifier())
        except NotAPresentationError:
            return made._replace(presentation=Fault.PRESENTATION_INVALID)
        return made._replace(presentation=read, presentation_digest=digest_of(token))

    def record(
        self, *items: Submission, tenant: int = TENANT, replay: Replay | None = None, **how: Any
    ) -> list[Answer]:
        return self.recording.record(self.caller(tenant), items, replay=replay, **how)

    def say(
        self, subject: str, purpose: str, state: State = State.GIVEN, *, tenant: int = TENANT, **said: Any
    ) -> Answer:
        (answer,) = self.record(self.submission(subject, purpose, state, **said), tenant=tenant)
        return answer

    def give(self, subject: str, purpose: str = SMS, **said: Any) -> Answer:
        """A consent over a presentation of its own, which must be recorded."""
        answer = self.say(subject, purpose, token=self.shown(subject, purpose), **said)
        assert not isinstance(answer, Fault), answer
        return answer

    def withdraw(self, subject: str, purpose: str = SMS) -> Answer:
        return self.say(subject, purpose, State.WITHDRAWN)

    def ask(
        self,
        subject: str,
        purpose: str = SMS,
        *,
        kind: str | None = None,
        recipient: str | None = None,
        instant: int | None = None,
        tenant: int = TENANT,
    ) -> Decided:
        (answer,) = self.decisions.decide(tenant, [Asked(subject, Question(purpose, kind, recipient), instant)])
        return answer

    def word(self, subject: str, purpose: str = SMS, **asked: Any) -> str:
        """The decision in one word: `allow`, or why not."""
        verdict = self.ask(subject, purpose, **asked).verdict
        return "allow" if verdict.allowed else verdict.reason

    def overview(self, subject: str, instant: int | None = None) -> Overview:
        return self.reading.overview(self.caller(), subject, instant)

    def now(self) -> int:
        """The present instant, in microseconds."""
        return micros(self.vault.clock())

    def number(self, subject: str, tenant: int = TENANT) -> int:
        """The vault's number of a person, made if new."""

        def attempt(people: Directory) -> Found | Reason:
            return self.vault.database.write(tenant, lambda tx: people.find_or_make(tx, [subject], 0))[subject]

        found = self.subjects.using(tenant, attempt)
        assert not isinstance(found, Reason)
        return found.number

    def gated(self, subject: str, purpose: str = SMS, *, kind: str = "phone", tenant: int = TENANT) -> Reason | None:
        """What the vault's gate answers inside a transaction of its own."""
        reveal = Reveal(self.number(subject, tenant), kind, sensitive=False, purpose=purpose, view="plain")
        at = millis(self.vault.clock())
        return self.vault.database.write(tenant, lambda tx: self.gate.refusals(tx, [reveal], at))[0]

    def publish(self, changed: Callable[[dict[str, Any]], None], *, version: int) -> None:
        """Put in force the starter as `changed` leaves it."""
        source = deepcopy(starter_source())
        source["version"] = version
        changed(source)
        at = millis(self.vault.clock())
        occasion = Occasion(tenant=TENANT, actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)
        self.publication.apply(source, occasion)

    def token(self, subject: str, value: str = "13812345678") -> str:
        """A vault token of the person's phone."""
        return self.vault.token(submitted(value, subject=subject))


def reworded(purpose: str, version: int, *, material: bool) -> Callable[[dict[str, Any]], None]:
    """A change of the starter: another notice of a purpose, in every language."""

    def change(source: dict[str, Any]) -> None:
        source["purposes"][purpose]["notice"] = {"version": version, "material": material, "change": "reworded"}
        for texts in source["notices"][purpose].values():
            texts["why"] = f"{texts['why']} ({version})"

    return change


def guarded(vault: Vault, desk: Desk) -> None:
    """Have the vault ask this desk's gate."""
    consents = desk.gate

    def refusals(tx: Transaction, reveals: Any, at: int) -> Any:
        return consents.refusals(tx, reveals, at)

    vault.gates.refusals = refusals  # type: ignore[method-assign]  # the gate of a deployment in the place of the test's own
