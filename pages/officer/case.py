"""One request: what it is about, who asks, what an erasure would come to, what has happened, and what is decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from dsar.desk.clocks import Clocks
from dsar.desk.deciding import Case, Deciding
from dsar.desk.errors import (
    ExtensionError,
    NobodyError,
    NotByHandError,
    NotVerifiedError,
    RequestNotFoundError,
    RequestStateError,
    SamePersonError,
)
from dsar.desk.letters import wordings, words_for
from dsar.desk.moves import MOVES, Move
from dsar.desk.reading import Happened, Reading
from dsar.desk.reasons import Denial, Extension, Outcome
from dsar.desk.record import Record
from dsar.desk.regime import Pause
from dsar.desk.requests import Steps
from dsar.erasure.errors import NoPlanError
from dsar.erasure.law import Laws
from dsar.erasure.planning import Planning, Shown
from dsar.identity.level_policy import Proof
from dsar.identity.verifying import Document, Standing, Verifying
from dsar.right import Right
from pages.officer.around import Around, asked_for, by_staff, me, number_of, said_by
from pages.officer.queue import TONES
from web.auth import caller
from web.context import current
from web.edge_problems import NOT_FOUND
from web.principal import Scope
from web.problems import ProblemError

LINES = 100
ENDS = frozenset({Right.ERASURE, Right.ACCOUNT_CLOSURE})

FAULTS: Mapping[type[Exception], str] = {
    RequestStateError: "officer.fault.state",
    NotVerifiedError: "officer.fault.not_verified",
    NobodyError: "officer.fault.nobody",
    SamePersonError: "officer.fault.same_person",
    ExtensionError: "officer.fault.extension",
    NotByHandError: "officer.fault.by_hand",
}
BAD = frozenset({Move.DENY, Move.EXPIRE, Move.BREACH})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUseCases:
    """What the pages of one request call."""

    reading: Reading
    deciding: Deciding
    verifying: Verifying
    planning: Planning
    laws: Laws
    clocks: Clocks
    steps: Steps


class CasePages:
    """The pages of one request."""

    def __init__(self, around: Around, use: CaseUseCases) -> None:
        self._around = around
        self._use = use

    def add(self, pages: Blueprint) -> None:
        """Enter the routes. What destroys takes somebody who has just shown who they are."""
        door, manage, one = self._around.door, Scope.DSAR_MANAGE, "/requests/<number>"
        pages.add_url_rule(one, "request", door(self.show, Scope.DSAR_READ))
        pages.add_url_rule(f"{one}/words", "words", door(self.words, manage))
        pages.add_url_rule(f"{one}/deny", "deny", door(self.deny, manage), methods=["GET", "POST"])
        pages.add_url_rule(f"{one}/approve", "approve", door(self.approve, manage, fresh=True), methods=["POST"])
        pages.add_url_rule(f"{one}/verify", "verify", door(self.verify, manage), methods=["POST"])
        pages.add_url_rule(f"{one}/<act>", "act", door(self.act, manage), methods=["POST"])

    def show(self, number: str) -> Response:
        """The request."""
        return self._shown(_required(number))

    def words(self, number: str) -> Response:
        """What the person said in their own words: read, and so recorded, when somebody asks for it."""
        try:
            words = self._use.reading.words(caller().tenant, _required(number), by_staff())
        except RequestNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        return self._around.site.page("officer/words.html", words=words, number=number)

    def deny(self, number: str) -> Response:
        """Deny, for a reason whose letter is shown as the person will get it."""
        one = _required(number)
        chosen = next((reason for reason in Denial if reason.value == request.form.get("reason")), None)
        if request.method == "POST" and chosen is not None:
            return self._decided(one, lambda case: self._use.deciding.deny(case, chosen))
        record, _ = self._found(one)
        mine, theirs = self._around.site.locale().value, record.locale
        letters = wordings("denials")
        reasons = [(reason.value, letters[reason.value][mine], letters[reason.value][theirs]) for reason in Denial]
        return self._around.site.page(
            "officer/deny.html",
            status=200 if request.method == "GET" else 422,
            record=record,
            right=asked_for(record.right, mine),
            reasons=[(code, said, None if said == letter else letter) for code, said, letter in reasons],
            wrong=request.method == "POST",
        )

    def approve(self, number: str) -> Response:
        """Let what has been prepared be done, as the second person."""
        return self._decided(_required(number), self._use.deciding.approve)

    def verify(self, number: str) -> Response:
        """Note what an officer has looked at."""
        one, form = _required(number), request.form
        proof = next((found for found in Proof if found.value == form.get("proof")), None)
        document = next((found for found in Document if found.value == form.get("document")), None)
        if proof is None or document is None:
            return self._shown(one, wrong="officer.fault.choose")
        try:
            self._use.verifying.by_document(caller().tenant, one, proof, document, by_staff())
        except RequestNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except RequestStateError:
            return self._shown(one, wrong="officer.fault.state")
        return self._around.site.go(url_for("officer.request", number=one), said="officer.request.noted")

    def act(self, number: str, act: str) -> Response:
        """Decide something that takes no more than a code of a list."""
        decide = self._acts(request.form.get("reason", "")).get(act)
        if decide is None:
            raise ProblemError(NOT_FOUND)
        return self._decided(_required(number), decide)

    def _acts(self, code: str) -> Mapping[str, Callable[[Case], Record]]:
        deciding = self._use.deciding
        acts: dict[str, Callable[[Case], Record]] = {
            "acknowledge": deciding.acknowledge,
            "accept": deciding.accept,
            "resume": deciding.go_on,
            "complete": lambda case: deciding.complete(case, ()),
            "take": lambda case: deciding.assign(case, me()),
            "leave": lambda case: deciding.assign(case, None),
        }
        if code in {one.value for one in Extension}:
            acts["extend"] = lambda case: deciding.extend(case, Extension(code))
        if code in {one.value for one in Pause}:
            acts["pause"] = lambda case: deciding.pause(case, Pause(code))
        if code in {one.value for one in Outcome}:
            acts["settle"] = lambda case: deciding.settle(case, Outcome(code))
        return acts

    def _decided(self, number: UUID, decide: Callable[[Case], Record]) -> Response:
        try:
            decide(Case(caller().tenant, number, by_staff()))
        except RequestNotFoundError:
            raise ProblemError(NOT_FOUND) from None
        except tuple(FAULTS) as fault:
            return self._shown(number, wrong=FAULTS[type(fault)])
        return self._around.site.go(url_for("officer.request", number=number), said="officer.request.noted")

    def _shown(self, number: UUID, wrong: str | None = None) -> Response:
        record, history = self._found(number)
        standing = self._use.verifying.standing(record.tenant, number)
        clock = self._use.clocks.of(record).clock
        site, locale = self._around.site, self._around.site.locale().value
        return site.page(
            "officer/request.html",
            status=200 if wrong is None else 409,
            record=record,
            right=asked_for(record.right, locale),
            tone=TONES.get(record.state, ""),
            overdue=self._use.clocks.overdue(record, current().at),
            due_on=clock.day_of(record.due_at).isoformat(),
            standing=standing,
            plan=self._plan(record),
            articles={law.id: law.article for law in self._use.laws.provisions},
            extensions=[(code, words_for("extensions", code, locale)) for code in Extension],
            pauses=[(code, site.say(f"officer.pause.{code}")) for code in Pause],
            outcomes=[(code, site.say(f"officer.outcome.{code}")) for code in Outcome],
            proofs=[(code, site.say(f"officer.proof.{code}")) for code in Proof],
            documents=[(code, site.say(f"officer.document.{code}")) for code in Document],
            steps=self._story(history),
            may=self._may(record, standing),
            mine=record.assignee == me(),
            by_me=record.accepted_by == me(),
            wrong=wrong,
        )

    def _found(self, number: UUID) -> tuple[Record, Sequence[Happened]]:
        try:
            return self._use.reading.one(caller().tenant, number, by_staff())
        except RequestNotFoundError:
            raise ProblemError(NOT_FOUND) from None

    def _plan(self, record: Record) -> Shown | None:
        """What an erasure would come to, where that has been found out."""
        if record.right not in ENDS:
            return None
        try:
            return self._use.planning.read(record.tenant, record.id, by_staff(), after=0, limit=LINES)
        except NoPlanError:
            return None

    def _may(self, record: Record, standing: Standing) -> frozenset[str]:
        """What can be decided now by whoever may decide."""
        if not caller().may(Scope.DSAR_MANAGE):
            return frozenset()
        open_to = {move for move, (states, _) in MOVES.items() if record.state in states}
        found = {move.value for move in open_to}
        if not standing.verified:
            found.discard(Move.ACCEPT.value)
        if record.right in self._use.steps.executed or record.right is Right.COMPLAINT:
            found.discard(Move.COMPLETE.value)
        times = self._use.clocks.of(record).times(record.right)
        if times.extension is None or record.extended_at is not None or current().at > record.due_at:
            found.discard(Move.EXTEND.value)
        if record.right is Right.COMPLAINT and Move.COMPLETE in open_to:
            found.add("settle")
        return frozenset(found)

    def _story(self, history: Sequence[Happened]) -> list[dict[str, Any]]:
        steps = []
        for one in history:
            who = said_by(one.actor, me())
            steps.append(
                {
                    "title": self._around.site.say(f"officer.move.{one.move}"),
                    "at": one.at,
                    "hint": " · ".join(filter(None, (self._who(who), one.reason))),
                    "state": "bad" if one.move in BAD else "done",
                }
            )
        return steps

    def _who(self, who: str) -> str:
        key = f"officer.who.{who}"
        site = self._around.site
        return site.say(key) if site.texts.has(site.locale(), key) else who


def _required(number: str) -> UUID:
    found = number_of(number)
    if found is None:
        raise ProblemError(NOT_FOUND)
    return found
