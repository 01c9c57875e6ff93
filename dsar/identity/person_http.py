"""HTTP operations that people call themselves, under a path that names the tenant, without a credential.

A session stands in `Authorization: Bearer mps1_…`. It opens nothing else: whatever takes a credential does not know it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request
from flask_openapi.blueprint import APIBlueprint

from audit.entry import Action, Reason
from dsar.desk.intake import Asked
from dsar.desk.words import Words
from dsar.identity import messages as m
from dsar.identity.answers import challenge_answer, level_answer, own_answer, own_standing_answer
from dsar.identity.asking import Asking
from dsar.identity.errors import AssertedError, NoSessionError, NotShownError
from dsar.identity.http import asked
from dsar.identity.named import Named
from dsar.identity.own import LAST, OwnRequests
from dsar.identity.problems import NO_SESSION
from dsar.identity.session import Session
from dsar.identity.sessions import PERSON, Opened, Sessions
from dsar.request import By
from web.auth import count_refusal, visit, visitor
from web.context import current
from web.edge_problems import INVALID_REQUEST, NOT_FOUND
from web.json_body import submitted
from web.openapi import PERSON_SECURITY, person_blueprint
from web.problems import FieldError, ProblemError
from work.http_replay import idempotency_key
from work.replay import Replay

NOBODY = 0
"""What stands for the credential of a repeated call that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonUseCases:
    """What the operations call. `number_of` tells the number of the tenant with a name."""

    asking: Asking
    sessions: Sessions
    own: OwnRequests
    number_of: Callable[[str], int | None]


class PersonApi:
    """What a person can do: show who they are, ask, look and withdraw."""

    def __init__(self, use: PersonUseCases) -> None:
        self._use = use

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = person_blueprint("privacy", about="What people do themselves.", prefix="/v1/privacy/<tenant>")
        inside: Mapping[str, Any] = {"security": [{PERSON_SECURITY: []}]}
        session, one = "/session", "/requests/<request>"
        api.post("/codes", responses={202: m.ChallengeAnswer})(visitor(self.ask_for_codes))
        api.post("/sessions", responses={201: m.SessionAnswer})(visitor(self.begin_session))
        api.post("/links/<link>", responses={201: m.SessionAnswer})(visitor(self.follow_link))
        api.get(session, responses={200: m.LevelAnswer}, **inside)(visitor(self.get_own_session))
        api.delete(session, responses={204: None}, **inside)(visitor(self.end_own_session))
        api.post(f"{session}/codes", responses={202: m.ChallengeAnswer}, **inside)(visitor(self.ask_for_further_codes))
        api.post(f"{session}/verify", responses={200: m.LevelAnswer}, **inside)(visitor(self.verify_own_session))
        api.post("/requests", responses={201: m.OwnStandingAnswer}, **inside)(visitor(self.make_own_request))
        api.get("/requests", responses={200: m.OwnPage}, **inside)(visitor(self.list_own_requests))
        api.get(one, responses={200: m.OwnStandingAnswer}, **inside)(visitor(self.get_own_request))
        api.post(f"{one}/verify", responses={200: m.OwnStandingAnswer}, **inside)(visitor(self.verify_own_request))
        api.post(f"{one}/withdraw", responses={200: m.OwnStandingAnswer}, **inside)(visitor(self.withdraw_own_request))
        return api

    def ask_for_codes(self, path: m.TenantPath, body: m.CodesRequest) -> tuple[Response, int]:
        """Have codes sent to what you name yourself by

        The answer, the number of tries and the time to wait are the same whether anybody is known by it.
        """
        tenant = self._tenant(path)
        named = [Named(one.kind, one.value) for one in body.identities]
        try:
            sent = asked(
                lambda: self._use.asking.by_name(tenant, named, body.locale, current().at),
                lambda: count_refusal(Action.IDENTITY_CODE_ASK, Reason.RATE),
            )
        except AssertedError as wrong:
            field = FieldError(f"identities.{wrong.place}.value", wrong.code, wrong.detail)
            raise ProblemError(INVALID_REQUEST, errors=[field]) from None
        return jsonify(challenge_answer(sent)), 202

    def begin_session(self, path: m.TenantPath, body: m.SessionRequest) -> tuple[Response, int]:
        """Begin a session by codes, or by an assertion of the platform"""
        tenant, by = self._tenant(path), _by()
        if (assertion := body.assertion) is not None:
            with _unknown_counted(Action.IDENTITY_ASSERTION_VERIFY):
                return _opened(self._use.sessions.by_assertion(tenant, path.tenant, assertion, by), by)
        assert body.challenge is not None
        with _unknown_counted(Action.IDENTITY_CODE_VERIFY):
            return _opened(self._use.sessions.by_codes(tenant, body.challenge, body.codes or [], by), by)

    def follow_link(self, path: m.LinkPath) -> tuple[Response, int]:
        """Begin a session by a link of the platform, once"""
        by = _by()
        with _unknown_counted(Action.IDENTITY_LINK_VERIFY):
            return _opened(self._use.sessions.by_link(self._tenant(path), path.link, by), by)

    def get_own_session(self, path: m.TenantPath) -> Response:
        """See how sure your session makes of you"""
        return jsonify(level_answer(self._session(path), current().at))

    def end_own_session(self, path: m.TenantPath) -> tuple[str, int]:
        """End your session"""
        self._use.sessions.end(self._session(path), _by_person())
        return "", 204

    def ask_for_further_codes(self, path: m.TenantPath, body: m.StepUpRequest) -> tuple[Response, int]:
        """Have codes sent that make your session surer"""
        session = self._session(path)
        sent = asked(lambda: self._use.asking.for_session(session, body.channels, body.locale, _by_person()))
        return jsonify(challenge_answer(sent)), 202

    def verify_own_session(self, path: m.TenantPath, body: m.AnswerRequest) -> Response:
        """Make your session surer by the codes that were sent"""
        by = _by_person()
        stronger = self._use.sessions.strengthen(self._session(path), body.challenge, body.codes, by)
        return jsonify(level_answer(stronger, by.at))

    def make_own_request(self, path: m.TenantPath, body: m.OwnRequest) -> tuple[Response, int]:
        """Make a request, verified as surely as your session makes of you"""
        session, complaint = self._session(path), body.complaint
        asks = Asked(
            subject=session.subject,
            right=body.right,
            regime=body.regime,
            channel="web",
            locale=body.locale,
            purposes=tuple(body.purposes),
            words=Words(body.text, body.corrections),
            category=None if complaint is None else complaint.category,
            accountable=None if complaint is None else complaint.accountable,
            evidence=0 if complaint is None else complaint.evidence,
        )
        made = self._use.own.ask(session, asks, _by_person(), _replay(session))
        return jsonify(own_standing_answer(made)), 201

    def list_own_requests(self, path: m.TenantPath, query: m.OwnQuery) -> Response:
        """List your requests, the latest first"""
        found = self._use.own.page(self._session(path), before=query.cursor or LAST, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify(items=[own_answer(one) for one in found], next_cursor=more)

    def get_own_request(self, path: m.OwnPath) -> Response:
        """Look at one of your requests"""
        return jsonify(own_standing_answer(self._use.own.get(self._session(path), path.request)))

    def verify_own_request(self, path: m.OwnPath) -> Response:
        """Let your session, as sure as it is now, show that you have made a request"""
        return jsonify(own_standing_answer(self._use.own.verify(self._session(path), path.request, _by_person())))

    def withdraw_own_request(self, path: m.OwnPath) -> Response:
        """Take a request back"""
        return jsonify(own_standing_answer(self._use.own.withdraw(self._session(path), path.request, _by_person())))

    def _tenant(self, path: m.TenantPath) -> int:
        number = self._use.number_of(path.tenant)
        if number is None:
            raise ProblemError(NOT_FOUND)
        return number

    def _session(self, path: m.TenantPath) -> Session:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        try:
            if kind.lower() != "bearer":
                raise NoSessionError
            return self._use.sessions.open(self._tenant(path), text.strip(), current().at)
        except NoSessionError:
            raise ProblemError(NO_SESSION, headers={"WWW-Authenticate": 'Bearer realm="moat-privacy"'}) from None


@contextmanager
def _unknown_counted(action: Action) -> Iterator[None]:
    """Have it counted where what is presented was never issued here."""
    try:
        yield
    except NotShownError as refused:
        if refused.unknown:
            count_refusal(action, Reason.UNKNOWN)
        raise


def _opened(opened: Opened, by: By) -> tuple[Response, int]:
    return jsonify(session=opened.text.reveal(), **level_answer(opened.session, by.at)), 201


def _by() -> By:
    now = visit()
    return By(now.actor, now.request, now.at)


def _by_person() -> By:
    now = visit()
    return By(PERSON, now.request, now.at)


def _replay(session: Session) -> Replay | None:
    """The call as one that may be repeated by the same person."""
    key = idempotency_key()
    if key is None:
        return None
    return Replay(session.tenant, NOBODY, current().route, f"{session.subject}:{key}", submitted())
