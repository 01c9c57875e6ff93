"""What is said to systems beside this one and what they answer: the shape of OpenDSR 2.0 (opengdpr/opengdpr, specification.md).

    POST   {url}/requests        the request; 201 and a receipt
    GET    {url}/requests/{id}   pending, in_progress, completed or cancelled
    DELETE {url}/requests/{id}   202, while it is pending
    GET    {url}/discovery       what it can do

Of the request types, `access` and `erasure` are the protocol's and the others ours. What the protocol has no field for stands in
`extensions` under the domain of the system: in a request `phone`, `keep` and `corrections`; in a status `holdings`, `method` and
`count`. The results of an access request are pages {"subject_request_id", "items": [{"category", "fields"}], "next"}.

Answers are read strictly (`dsar.holders.strict_json`), of the right types where it is read, and of the request that was asked.
The `encoded_request` of a receipt holds identities: it is compared and dropped.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from database.columns import millis, rfc3339
from dsar.holders.errors import ProcessorRefusedError
from dsar.holders.holder import Act, Holding, Use
from dsar.holders.register import Connector, IdentityFormat, IdentitySent, IdentityType
from dsar.holders.strict_json import strict

API_VERSION = "2.0"
TYPES = {
    Act.DISCLOSE: "access",
    Act.DISPOSE: "erasure",
    Act.INVENTORY: "inventory",
    Act.RECTIFY: "rectification",
    Act.RESTRICT: "restriction",
    Act.RELEASE: "restriction_end",
}
OTHER = "other"
"""Stands for a category that a system has not declared."""

METHODS = frozenset({"cryptographic_erase", "delete", "anonymise", "restrict", "release", "rectify", "none"})
_USUAL = {Act.DISPOSE: "delete", Act.RECTIFY: "rectify", Act.RESTRICT: "restrict", Act.RELEASE: "release"}
LARGEST = 2**53

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)
_REF = re.compile(r"[A-Za-z0-9._:-]{0,100}", re.ASCII)
_TYPES = {IdentityType.PLATFORM_ID: "controller_customer_id", IdentityType.EMAIL: "email"}


class RequestStatus(StrEnum):
    """How far a system is with a request."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked: `keep` and `corrections` as the acts have them."""

    act: Act
    id: UUID
    submitted_at: int
    keep: Collection[Use] = ()
    corrections: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A system's signed answer about a request. `digest` is the SHA-256 of its octets; `expected_at` is in milliseconds."""

    state: RequestStatus
    digest: bytes
    expected_at: int | None
    results_url: str | None
    method: str
    count: int
    holdings: Sequence[Holding]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what is disclosed, and where the next is."""

    items: Sequence[tuple[str, Mapping[str, Any]]]
    next: str | None


def request_body(connector: Connector, wanted: Wanted, known: Mapping[IdentityType, str]) -> bytes:
    """The octets of a request about a person of whom this is known."""
    sent = [one for one in connector.identities if one.type in known]
    extension: dict[str, Any] = {}
    for one in sent:
        if one.type is IdentityType.PHONE:
            extension["phone"] = {"value": _sent(one, known), "format": one.format.value}
    if wanted.act is Act.DISPOSE:
        extension["keep"] = sorted(wanted.keep)
    if wanted.corrections is not None:
        extension["corrections"] = dict(wanted.corrections)
    return orjson.dumps(
        {
            "regulation": connector.regulation,
            "subject_request_id": str(wanted.id),
            "subject_request_type": TYPES[wanted.act],
            "submitted_time": rfc3339(wanted.submitted_at),
            "subject_identities": [
                {
                    "identity_type": _TYPES[one.type],
                    "identity_value": _sent(one, known),
                    "identity_format": one.format.value,
                }
                for one in sent
                if one.type in _TYPES
            ],
            "api_version": API_VERSION,
            "status_callback_urls": [],
            "extensions": {connector.domain: extension},
        }
    )


def check_receipt(answer: bytes, asked: UUID, body: bytes) -> None:
    """Make sure that the receipt of a request is for what was sent.

    Raises:
        ProcessorRefusedError: `not_json`, `other_request` or `other_words`.
    """
    told = _of(answer, asked)
    echoed = told.get("encoded_request")
    try:
        octets = base64.b64decode(echoed, validate=True) if isinstance(echoed, str) else b""
    except (binascii.Error, ValueError):
        octets = b""
    if not hmac.compare_digest(octets, body):
        raise ProcessorRefusedError("other_words")


def status(answer: bytes, asked: UUID, act: Act, connector: Connector) -> Status:
    """How far a request is.

    Raises:
        ProcessorRefusedError: `not_json`, `other_request` or `malformed`.
    """
    told = _of(answer, asked)
    extension = told.get("extensions")
    ours = extension.get(connector.domain, {}) if isinstance(extension, dict) else {}
    try:
        return Status(
            state=RequestStatus(told["request_status"]),
            digest=sha256(answer).digest(),
            expected_at=_moment(told.get("expected_completion_time")),
            results_url=_text(told.get("results_url")),
            method=_method(ours.get("method", _USUAL.get(act, "none"))),
            count=_number(ours.get("count", told.get("results_count") or 0)),
            holdings=[_holding(one, connector) for one in ours.get("holdings", ())],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ProcessorRefusedError("malformed") from None


def page(answer: bytes, asked: UUID, connector: Connector) -> Page:
    """One page of what is disclosed. Raises ProcessorRefusedError as `status`."""
    told = _of(answer, asked)
    try:
        items = [(_category(one["category"], connector), _fields(one["fields"])) for one in told["items"]]
        return Page(items, _text(told.get("next")))
    except (KeyError, TypeError, ValueError):
        raise ProcessorRefusedError("malformed") from None


def supported(answer: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """The request types and the identity types that a system says it can do. Raises ProcessorRefusedError as `status`."""
    told = strict(answer)
    try:
        types = [str(one) for one in told["supported_subject_request_types"]]
        return frozenset(types), frozenset(str(one["identity_type"]) for one in told["supported_identities"])
    except (KeyError, TypeError):
        raise ProcessorRefusedError("malformed") from None


def declared(connector: Connector) -> tuple[frozenset[str], frozenset[str]]:
    """The request types and identity types of the protocol that a system is declared to do."""
    identities = {_TYPES[one.type] for one in connector.identities if one.type in _TYPES}
    return frozenset(TYPES[act] for act in connector.acts), frozenset(identities)


def _of(answer: bytes, asked: UUID) -> dict[str, Any]:
    told = strict(answer)
    if told.get("subject_request_id") != str(asked):
        raise ProcessorRefusedError("other_request")
    return told


def _sent(one: IdentitySent, known: Mapping[IdentityType, str]) -> str:
    value = known[one.type]
    return sha256(value.encode()).hexdigest() if one.format is IdentityFormat.SHA256 else value


def _fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise ValueError("not a count")
    return value


def _moment(value: Any) -> int | None:
    """Milliseconds of a time in RFC 3339."""
    if value is None:
        return None
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return millis(at)


def _method(value: Any) -> str:
    if value not in METHODS:
        raise ValueError("not a method")
    return str(value)


def _category(value: Any, connector: Connector) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value if value in connector.categories else OTHER


def _holding(told: Mapping[str, Any], connector: Connector) -> Holding:
    purpose, ref, kept_by = told.get("purpose", ""), told.get("ref", ""), told.get("kept_by")
    if not all(one == "" or _CODE.fullmatch(one) for one in (purpose, kept_by or "")) or not _REF.fullmatch(ref):
        raise ValueError("not a code")
    return Holding(
        holder=connector.name,
        category=_category(told["category"], connector),
        purpose=purpose,
        ref=ref,
        count=_number(told["count"]),
        since=_moment(told.get("since")) or 0,
        kept_by=kept_by,
        kept_until=_moment(told.get("kept_until")),
    )
