"""HTTP operations of the vault: parse, call the use case, write the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from typing import Any, cast

import orjson
from flask import Response, jsonify, request, stream_with_context
from flask_openapi.blueprint import APIBlueprint

from vault import messages as m
from vault.access import Acting, Caller
from vault.base64url import octets_of
from vault.detokenization import Detokenization, Presented
from vault.issued_token import IssuedTokens
from vault.item import AtomicBatchError, ItemError, Revealed, RevealedSealed, Submitted
from vault.problems import ATOMIC_BATCH_FAILED
from vault.profile import Profiles
from vault.request_explanation import RequestExplanation
from vault.search import Matches, Probe, Search
from vault.shredding import Shredded, Shredding
from vault.streaming import STREAM_BYTES, StreamQuery, answer_of, error_of, tokenize_stream
from vault.tokenization import Tokenization
from web.auth import caller, demand, require
from web.context import current
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError
from work.http_replay import replay_of_call


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """What the operations call."""

    tokenization: Tokenization
    detokenization: Detokenization
    search: Search
    profiles: Profiles
    shredding: Shredding
    tokens: IssuedTokens
    explanation: RequestExplanation


class VaultApi:
    """The vault over HTTP. `region_of` tells the default region of a tenant."""

    def __init__(self, use: UseCases, region_of: Callable[[int], str]) -> None:
        self._use = use
        self._region_of = region_of

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("vault", about="Exchange personal values for tokens, and tokens for what a caller may see.")
        subjects = "/subjects/<subject>"
        api.post("/tokenize", responses={200: m.TokenizeAnswer})(require(Scope.VAULT_TOKENIZE)(self.tokenize))
        stream = require(Scope.VAULT_TOKENIZE, body_bytes=STREAM_BYTES)(self.tokenize_stream)
        lines: dict[Any, Any] = {200: {"description": "Lines", "content": {"application/x-ndjson": _TEXT}}}
        api.post("/tokenize/stream", responses=lines)(stream)
        api.post("/detokenize", responses={200: m.DetokenizeAnswer})(require(Scope.VAULT_DETOKENIZE)(self.detokenize))
        api.post("/search", responses={200: m.SearchAnswer})(require(Scope.VAULT_SEARCH)(self.search))
        api.put(subjects, responses={200: m.ProfileTokens})(require(Scope.VAULT_SUBJECTS)(self.put_subject))
        api.get(subjects, responses={200: m.ProfileAnswer})(require(Scope.VAULT_SUBJECTS)(self.get_subject))
        api.post(f"{subjects}/freeze", responses={200: m.StateAnswer})(
            require(Scope.VAULT_SUBJECTS)(self.freeze_subject)
        )
        api.post(f"{subjects}/unfreeze", responses={200: m.StateAnswer})(
            require(Scope.VAULT_SUBJECTS)(self.unfreeze_subject)
        )
        api.post(f"{subjects}/shred", responses={200: m.ShredAnswer})(require(Scope.VAULT_SHRED)(self.shred_subject))
        api.get(f"{subjects}/shred", responses={200: m.ShredAnswer})(require(Scope.VAULT_SHRED)(self.shred_receipt))
        api.get("/tokens/<token>", responses={200: m.TokenAnswer})(require(Scope.VAULT_TOKENS)(self.get_token))
        api.delete("/tokens/<token>", responses={204: None})(require(Scope.VAULT_TOKENS)(self.revoke_token))
        api.get("/explanations/<request>", responses={200: m.ExplanationAnswer})(
            require(Scope.EXPLAIN_READ)(self.explain_request)
        )
        return api

    def tokenize(self, body: m.TokenizeRequest) -> Response:
        """Exchange values for tokens

        An item that fails has an error in its place; the others are stored, unless the batch is atomic.
        """
        items = [
            Submitted(
                item.subject,
                item.kind,
                item.value.get_secret_value(),
                item.purpose or body.purpose,
                item.ref or body.ref or "",
                item.mode,
                item.format,
                item.expires_in,
                item.max_uses,
            )
            for item in body.items
        ]
        try:
            answers = self._use.tokenization.tokenize(
                self._caller(), items, atomic=body.atomic, replay=replay_of_call()
            )
        except AtomicBatchError as failed:
            raise _atomic([f"items.{place}" for place, _ in failed.errors], failed) from None
        return _json({"items": [answer_of(answer) for answer in answers]})

    def tokenize_stream(self, query: StreamQuery) -> Response:
        """Exchange values for tokens, line by line

        The body is NDJSON, an item of `/v1/tokenize` a line; the answer has an answer line for each, in order, as they are
        stored. `purpose` and `ref` may stand in the query.
        """
        lines = tokenize_stream(
            self._use.tokenization, self._caller(), BufferedReader(cast(RawIOBase, request.stream)), query
        )
        return Response(stream_with_context(lines), content_type="application/x-ndjson")

    def detokenize(self, body: m.DetokenizeRequest) -> Response:
        """Exchange tokens for values, in the view that the caller may have"""
        items = [Presented(item.token, item.purpose or body.purpose, item.ref or body.ref or "") for item in body.items]
        answers = self._use.detokenization.detokenize(
            self._caller(body.on_behalf_of),
            items,
            body.view,
            normal=body.form == "normal",
            seal_to=None if body.seal_to is None else octets_of(body.seal_to),
            replay=replay_of_call(),
        )
        return _json({"items": [_revealed(answer) for answer in answers]})

    def search(self, body: m.SearchRequest) -> Response:
        """Find the tokens of values, by exact match of their normal form"""
        probes = [Probe(item.kind, item.value.get_secret_value()) for item in body.items]
        answers = self._use.search.search(
            self._caller(), probes, purpose=body.purpose, ref=body.ref or "", limit=body.limit
        )
        return _json({"items": [_found(answer) for answer in answers]})

    def put_subject(self, path: m.SubjectPath, body: m.ProfileRequest) -> Response:
        """Merge fields into a person's profile"""
        fields = {name: None if value is None else value.get_secret_value() for name, value in body.fields.items()}
        try:
            tokens = self._use.profiles.put(self._caller(), path.subject, fields, type_=body.type, purpose=body.purpose)
        except AtomicBatchError as failed:
            names = list(fields)
            named = ["*" if one.code in _UNSPEAKABLE else names[place] for place, one in failed.errors]
            raise _atomic([f"fields.{name}" for name in named], failed) from None
        return _json({"subject": path.subject, "tokens": tokens})

    def get_subject(self, path: m.SubjectPath, query: m.ProfileQuery) -> Response:
        """Show a person's profile, masked"""
        profile = self._use.profiles.get(self._caller(), path.subject, purpose=query.purpose)
        fields = {
            name: {"token": field.token, "masked": field.masked, "updated_at": field.updated_at}
            | ({"denied": field.refusal.value} if field.refusal else {})
            for name, field in profile.fields.items()
        }
        return _json({"subject": profile.subject, "type": profile.type, "state": profile.state, "fields": fields})

    def freeze_subject(self, path: m.SubjectPath) -> Response:
        """Keep a person's data and let nobody use it"""
        return jsonify(subject=path.subject, state=self._use.shredding.freeze(self._caller(), path.subject).value)

    def unfreeze_subject(self, path: m.SubjectPath) -> Response:
        """Lift a freeze"""
        return jsonify(subject=path.subject, state=self._use.shredding.unfreeze(self._caller(), path.subject).value)

    def shred_subject(self, path: m.SubjectPath, body: m.ShredRequest) -> Response:
        """Destroy a person's key and data; it cannot be undone"""
        shredded = self._use.shredding.shred(self._caller(), path.subject, body.reason)
        return jsonify(_erased(shredded))

    def shred_receipt(self, path: m.SubjectPath) -> Response:
        """Certify an earlier shredding anew, with what is known of its completion now"""
        return jsonify(_erased(self._use.shredding.receipt(self._caller(), path.subject)))

    def get_token(self, path: m.TokenPath) -> Response:
        """Tell what a token stands for, without its value"""
        token = self._use.tokens.get(self._caller(), path.token)
        uses = [{"purpose": use.purpose, "ref": use.ref or None, "since": use.since} for use in token.uses]
        return jsonify({"token": path.token, **token._asdict(), "uses": uses})

    def revoke_token(self, path: m.TokenPath) -> tuple[str, int]:
        """Delete a token and its record"""
        self._use.tokens.revoke(self._caller(), path.token)
        return "", 204

    def explain_request(self, path: m.ExplanationPath) -> Response:
        """Explain why a request of this tenant was allowed or refused"""
        explained = self._use.explanation.explain(self._caller(), path.request)
        first = explained[0].entry
        items = [
            {
                **{name: one.entry.get(name) for name in ("outcome", "reason", "count", "action")},
                "role": one.entry["actor"]["role"],
                "acting_for": one.entry.get("behalf", {}).get("role"),
                **{name: one.entry.get(name) for name in ("purpose", "kind", "view")},
                "policies": one.policies,
                "would_be_allowed": one.remedies,
            }
            | ({} if one.consent is None else {"consent": one.consent})
            for one in explained
        ]
        return jsonify(request=path.request, at=first["at"], policy=first.get("policy"), items=items)

    def _caller(self, acted: m.Acted | None = None) -> Caller:
        principal = caller()
        if acted is not None:
            demand(Scope.ACT_AS_COURIER)
        return Caller(
            principal.tenant,
            principal.credential,
            principal.role.value,
            current().request_id,
            self._region_of(principal.tenant),
            None if acted is None else Acting(acted.role, acted.subject),
            principal.may(Scope.VAULT_PRESERVING),
        )


_TEXT = {"schema": {"type": "string"}}

_UNSPEAKABLE = {"unknown_kind", "field_is_personal"}
"""Errors of fields whose names are the caller's own words, which no problem repeats."""


def _erased(shredded: Shredded) -> dict[str, str]:
    """The answer about a person who was erased."""
    subject, *_ = shredded
    return {"subject": subject, "state": "erased", **shredded._asdict()}


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), content_type="application/json")


def _revealed(answer: Revealed | RevealedSealed | ItemError) -> dict[str, Any]:
    if isinstance(answer, RevealedSealed):
        shown = {"kind": answer.kind, "subject": answer.subject, "view": answer.view}
        return {**shown, "sealed": answer.sealed.box, "context": answer.sealed.context}
    if isinstance(answer, Revealed):
        return {"kind": answer.kind, "subject": answer.subject, "value": answer.value, "view": answer.view}
    return error_of(answer)


def _found(answer: Matches | ItemError) -> dict[str, Any]:
    if isinstance(answer, Matches):
        return {"matches": [match._asdict() for match in answer.matches], "truncated": answer.truncated}
    return error_of(answer)


def _atomic(fields: list[str], failed: AtomicBatchError) -> ProblemError:
    errors = [
        FieldError(field, error.code, error.detail or "The access decision refused it.")
        for field, (_, error) in zip(fields, failed.errors, strict=True)
    ]
    return ProblemError(ATOMIC_BATCH_FAILED, errors=errors)
