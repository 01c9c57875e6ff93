"""A receipt of consent: who signed it, which words the person was shown, and that the log holds what it tells.

It comes as JSON in the structure of ISO/IEC TS 27560, or as JSON-LD of the Data Privacy Vocabulary. Checked are, in this order:
 1. the form, and the signature over everything else (`jws`);
 2. that the words of the notice have the digest that the record names;
 3. that the log's entry is of this event, purpose and person, of what happened, of its time, and of these words;
 4. that the entry is in the log: its proof, and the checkpoint's signature.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NoReturn

from moat_verifier.entries import ENTRY_BYTES_AT_MOST, canonical_fields
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.jws import PublicKey, check
from moat_verifier.log import NOT_PINNED, describe, judged
from moat_verifier.policy import Policy
from moat_verifier.proof import Proof
from moat_verifier.report import Report

RECEIPT_BYTES_AT_MOST = 1024 * 1024
PENDING = "the entry was not published when the receipt was made: fetch the receipt again"

_ACTIONS = {
    "given": "consent.give",
    "renewed": "consent.give",
    "refused": "consent.refuse",
    "deferred": "consent.defer",
    "withdrawn": "consent.withdraw",
    "expired": "consent.expire",
    "invalidated": "consent.invalidate",
}
_STATES = {
    "dpv:ConsentGiven": "given",
    "dpv:RenewedConsentGiven": "renewed",
    "dpv:ConsentRefused": "refused",
    "dpv:ConsentRequestDeferred": "deferred",
    "dpv:ConsentWithdrawn": "withdrawn",
    "dpv:ConsentExpired": "expired",
    "dpv:ConsentInvalidated": "invalidated",
}
_CLOCKS = timedelta(minutes=5)
"""By how much an event may be later than its entry: the events of a person ascend, whatever the clocks of two hosts say."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt tells of its event, in whichever form. `shown` is the digest of the words shown for this event itself."""

    event: int
    person: str
    purpose: str
    state: str
    recorded_at: datetime
    language: str | None
    text: str | None
    digest: str | None
    shown: bool


def verify_receipt(raw: bytes, keys: Sequence[PublicKey], policy: Policy | None, report: Report) -> None:
    """Check a receipt. Returning means that everything holds by keys pinned from outside.

    Raises:
        TamperedError: something does not hold.
        CannotCheckError: no key is pinned, or the entry was not published yet.
    """
    document = parse(raw)
    signature = document.pop("signature", None)
    if not isinstance(signature, str):
        raise TamperedError("signature", "is missing")
    signed = check(document, signature, keys)
    told = _told(document)
    report.facts |= {"event": f"con_{told.event}", "purpose": told.purpose, "state": told.state}
    report.facts |= {"recorded_at": told.recorded_at.isoformat(), "person": told.person}
    report.facts["signature"] = "holds" if signed else "not checked"
    _check_wording(told, report)
    log = document.get("log")
    if not isinstance(log, dict) or not isinstance(log.get("entry"), str):
        _malformed()
    entry = log["entry"].encode()
    _check_entry(told, entry)
    if log.get("state") == "pending" and set(log) == {"state", "entry"}:
        raise CannotCheckError(PENDING)
    proved = _check_proof(log, entry, policy, report)
    if not (signed and proved):
        raise CannotCheckError(NOT_PINNED)


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON object of a receipt, in which no name stands twice.

    Raises:
        TamperedError: it is none.
    """
    if len(raw) > RECEIPT_BYTES_AT_MOST:
        raise TamperedError("receipt", "is longer than a receipt can be")
    try:
        read = json.loads(raw.decode(), object_pairs_hook=_once, parse_float=_no_number, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise TamperedError("receipt", "is not the JSON of a receipt") from None
    if not isinstance(read, dict):
        raise TamperedError("receipt", "is not the JSON of a receipt")
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _no_number(_text: str) -> NoReturn:
    raise ValueError("a number is no integer")


def _told(document: Mapping[str, Any]) -> Told:
    try:
        return _linked(document) if "@context" in document else _plain(document)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        _malformed()


def _plain(document: Mapping[str, Any]) -> Told:
    record = document["consent_record"]
    notice, event = record["pii_processing"]["privacy_notice"], record["event"][-1]
    if event["event_id"] != document["about"]:
        raise ValueError("about another event")
    return Told(
        event=_number(event["event_id"]),
        person=_text(record["record"]["pii_principal_id"]),
        purpose=_text(record["pii_processing"]["purposes"][0]["purpose_type"]),
        state=_text(event["event_state"]),
        recorded_at=_moment(event["recorded_at"]),
        language=None if notice is None else _text(notice["language"]),
        text=None if notice is None else _text(notice["text"]),
        digest=None if notice is None else _text(notice["sha256"]),
        shown="notice_version" in event,
    )


def _linked(document: Mapping[str, Any]) -> Told:
    record = document["dpv:hasRecordOfActivity"]
    status, notice = record["dpv:hasConsentStatus"][-1], record.get("dpv:hasNotice")
    if status["dct:identifier"] != document["dct:subject"]:
        raise ValueError("about another event")
    kinds = status["@type"] if isinstance(status["@type"], list) else [status["@type"]]
    return Told(
        event=_number(status["dct:identifier"]),
        person=_text(record["dpv:hasDataSubject"]["dpv:hasIdentifier"]),
        purpose=_text(record["dpv:hasProcess"]["dpv:hasPurpose"]["dct:identifier"]),
        state=_STATES[kinds[0]],
        recorded_at=_moment(status["dct:created"]),
        language=None if notice is None else _text(notice["dct:language"]),
        text=None if notice is None else _text(notice["dct:description"]),
        digest=None if notice is None else _text(notice["spdx:checksum"]["spdx:checksumValue"]),
        shown="dpv:hasNotice" in status,
    )


def _check_wording(told: Told, report: Report) -> None:
    if told.text is None:
        report.notes.append("the record rests on no notice")
        return
    if sha256(told.text.encode()).hexdigest() != told.digest:
        raise TamperedError("notice", "its words do not have the digest that the record names")
    report.facts |= {"language": told.language, "wording": told.digest}


def _check_entry(told: Told, entry: bytes) -> None:
    if len(entry) > ENTRY_BYTES_AT_MOST:
        raise TamperedError("entry", "is longer than an entry can be")
    try:
        fields = canonical_fields(entry, index=0)
    except TamperedError as refused:
        raise TamperedError("entry", refused.why) from None
    rows, subjects = fields.get("rows"), fields.get("subjects")
    if not isinstance(rows, list) or not isinstance(subjects, list) or len(rows) != len(subjects):
        raise TamperedError("entry", "is not of an event of consent")
    wanted = {"action": _ACTIONS.get(told.state), "outcome": "done", "purpose": told.purpose}
    if any(fields.get(name) != value for name, value in wanted.items()):
        raise TamperedError("entry", "is of something else than the receipt tells")
    if (told.event, told.person) not in zip(rows, subjects, strict=True):
        raise TamperedError("entry", "is of other events or other people")
    if told.shown and fields.get("wording") != told.digest:
        raise TamperedError("entry", "is of other words than the receipt holds")
    written = _moment(str(fields.get("at")))
    if not written <= told.recorded_at <= written + _CLOCKS:
        raise TamperedError("entry", "is of another time")


def _check_proof(log: Mapping[str, Any], entry: bytes, policy: Policy | None, report: Report) -> bool:
    """Whether a pinned key vouches for the log; the proof holds in any case."""
    text = log.get("proof")
    if log.get("state") != "published" or not isinstance(text, str):
        _malformed()
    proof = Proof.parse(text.encode(), where="proof")
    trust = judged(proof.checkpoint, policy, where="proof")
    describe(proof.checkpoint, trust, report)
    report.facts["index"] = proof.index
    if (log.get("origin"), log.get("index")) != (proof.checkpoint.origin, proof.index):
        raise TamperedError("proof", "is of another log or another entry than the receipt says")
    proof.check(entry, where="proof")
    return trust is not None


def _number(event: Any) -> int:
    text = _text(event)
    if not text.startswith("con_") or not text[4:].isascii() or not text[4:].isdecimal():
        raise ValueError("not an event")
    return int(text[4:])


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(text))
    except ValueError:
        raise TamperedError("receipt", "has a time that is none") from None
    if moment.tzinfo is None:
        raise TamperedError("receipt", "has a time without a zone")
    return moment


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _malformed() -> NoReturn:
    raise TamperedError("receipt", "does not have the form of a receipt")
