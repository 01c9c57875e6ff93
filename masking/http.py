"""HTTP operations of masking. Nothing of a call is kept: neither text nor value, and no entry of the log says what was in it,
but for the tokens that mode tokenize asks the vault for, which are recorded there.
"""

from collections.abc import Callable, Mapping
from functools import partial
from io import BufferedReader, RawIOBase
from types import MappingProxyType
from typing import Any, cast

import orjson
from flask import Response, request, stream_with_context
from flask_openapi.blueprint import APIBlueprint

from masking import messages as m
from masking.finding import NamesBusyError
from masking.mask import PROFILES, Masks, UnknownProfileError, mask_many
from masking.ports import Asker, TokenDesk
from masking.profiles import Profiles
from masking.redaction import Mode, Redacted, Redactor
from masking.streaming import STREAM_BYTES, answer_of, redact_stream
from web.auth import caller, demand, require
from web.context import current
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, Problem, ProblemError

TOO_MUCH_TEXT = Problem(
    "too_much_text",
    422,
    "The texts are too long together",
    "A call takes a million code points of text at most, over all its items.",
    "Send the texts in several calls.",
)
TOKENS_NEED = Problem(
    "tokens_need_more",
    422,
    "Tokens need a person and a purpose",
    "In mode tokenize, each item names the person whom its text is about, and the call what the tokens are for.",
    "Add subject to every item, and purpose to the call.",
)
NAMES_BUSY = Problem(
    "names_busy",
    503,
    "Too many texts are searched for names already",
    "Every process that looks for names is at work, and none became free in time.",
    'Send the call again a little later, or with "names": false.',
)
UNKNOWN_PROFILE = Problem(
    "unknown_profile",
    422,
    "There is no such profile",
    "A profile is display, waybill, support or export, or one that the operator has declared for the tenant.",
    "Name one of these.",
)
FURTHER = (TOO_MUCH_TEXT, TOKENS_NEED)
PROBLEMS: Mapping[type[Exception], Problem] = MappingProxyType(
    {NamesBusyError: NAMES_BUSY, UnknownProfileError: UNKNOWN_PROFILE}
)
_LINES: dict[Any, Any] = {
    200: {"description": "Lines", "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}


class MaskingApi:
    """Masks and redaction over HTTP."""

    def __init__(
        self, redactor: Redactor, desk: TokenDesk, profiles: Profiles, tenant_name: Callable[[int], str]
    ) -> None:
        self._redactor = redactor
        self._desk = desk
        self._profiles = profiles
        self._tenant_name = tenant_name

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("masking", about="Mask values, and find and hide personal values in free text.")
        use = require(Scope.MASKING_USE)
        stream = require(Scope.MASKING_USE, body_bytes=STREAM_BYTES)
        api.post("/mask", responses={200: m.MaskAnswer})(use(self.mask_values))
        api.post("/redact", responses={200: m.RedactAnswer})(use(self.redact_texts))
        api.post("/redact/stream", responses=_LINES)(stream(self.redact_lines))
        return api

    def mask_values(self, body: m.MaskRequest) -> Response:
        """Mask values

        Every writing of one value gets the same mask, and masking a mask changes nothing.
        """
        masks = mask_many(
            [(item.kind, item.value.get_secret_value()) for item in body.items], self._masks(body.profile)
        )
        return _json({"items": [{"masked": one} for one in masks]})

    def redact_texts(self, body: m.RedactRequest) -> Response:
        """Find personal values in texts, and mask, replace or tokenize them

        Mode tokenize exchanges values for tokens of the vault; those that it does not take are masked.
        """
        texts = [item.text.get_secret_value() for item in body.items]
        if sum(map(len, texts)) > m.TEXTS_AT_MOST:
            raise ProblemError(
                TOO_MUCH_TEXT, errors=[FieldError("items", "too_long", "More than a million code points.")]
            )
        if body.mode is Mode.TOKENIZE:
            found = self._tokenized(body, texts)
        else:
            found = self._redactor.redact(texts, body.mode, profile=self._masks(body.profile), names=body.names)
        return _json({"items": [answer_of(text, one) for text, one in zip(texts, found, strict=True)]})

    def redact_lines(self, query: m.StreamQuery) -> Response:
        """Redact texts, line by line

        The body is NDJSON, an item of `/v1/redact` a line; the answer has an answer line for each, in order.
        """
        lines = redact_stream(
            self._redactor, BufferedReader(cast(RawIOBase, request.stream)), query, self._masks(query.profile)
        )
        return Response(stream_with_context(lines), content_type="application/x-ndjson")

    def _masks(self, profile: str) -> Masks:
        """Raises UnknownProfileError: the caller's tenant has no such profile."""
        return PROFILES.get(profile) or self._profiles.of(self._tenant_name(caller().tenant), profile)

    def _tokenized(self, body: m.RedactRequest, texts: list[str]) -> list[Redacted]:
        demand(Scope.VAULT_TOKENIZE)
        subjects = [item.subject for item in body.items if item.subject is not None]
        if body.purpose is None or len(subjects) < len(texts):
            raise ProblemError(TOKENS_NEED)
        principal = caller()
        asker = Asker(
            principal.tenant,
            principal.credential,
            principal.role.value,
            current().request_id,
            body.purpose,
            body.ref or "",
        )
        tokens = partial(self._desk.tokens, asker)
        return self._redactor.tokenized(texts, subjects, tokens, profile=self._masks(body.profile), names=body.names)


def _json(answer: dict[str, object]) -> Response:
    return Response(orjson.dumps(answer), content_type="application/json")
