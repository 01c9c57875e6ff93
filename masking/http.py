"""HTTP operations of masking. Nothing of a call is kept: neither text nor value, and no entry of the log says what was in it."""

from collections.abc import Mapping
from types import MappingProxyType

import orjson
from flask import Response
from flask_openapi.blueprint import APIBlueprint

from masking import messages as m
from masking.finding import NamesBusyError
from masking.mask import mask_many
from masking.redaction import Redactor
from web.auth import require
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
NAMES_BUSY = Problem(
    "names_busy",
    503,
    "Too many texts are searched for names already",
    "Every process that looks for names is at work, and none became free in time.",
    'Send the call again a little later, or with "names": false.',
)
FURTHER = (TOO_MUCH_TEXT,)
PROBLEMS: Mapping[type[Exception], Problem] = MappingProxyType({NamesBusyError: NAMES_BUSY})


class MaskingApi:
    """Masks and redaction over HTTP."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("masking", about="Mask values, and find and hide personal values in free text.")
        use = require(Scope.MASKING_USE)
        api.post("/mask", responses={200: m.MaskAnswer})(use(self.mask_values))
        api.post("/redact", responses={200: m.RedactAnswer})(use(self.redact_texts))
        return api

    def mask_values(self, body: m.MaskRequest) -> Response:
        """Mask values

        Every writing of one value gets the same mask, and masking a mask changes nothing.
        """
        masks = mask_many([(item.kind, item.value.get_secret_value()) for item in body.items], body.profile)
        return _json({"items": [{"masked": one} for one in masks]})

    def redact_texts(self, body: m.RedactRequest) -> Response:
        """Find personal values in texts, and mask or replace them"""
        texts = [item.text.get_secret_value() for item in body.items]
        if sum(map(len, texts)) > m.TEXTS_AT_MOST:
            raise ProblemError(
                TOO_MUCH_TEXT, errors=[FieldError("items", "too_long", "More than a million code points.")]
            )
        found = self._redactor.redact(texts, body.mode, profile=body.profile, names=body.names)
        return _json(
            {
                "items": [
                    {"text": one.text, "spans": [span._asdict() for span in one.spans], "hidden": one.hidden}
                    for one in found
                ]
            }
        )


def _json(answer: dict[str, object]) -> Response:
    return Response(orjson.dumps(answer), content_type="application/json")
