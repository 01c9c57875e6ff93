"""A certificate of what became of a request for erasure, as a signed note.

text   "moat-erasure-certificate/v2" LF ‖ canonical JSON of {"completion", "erasure", "issued", "log"} LF

Checked are, in this order:
 1. the form, and the signature of a key named issuer "/erasure" over all of it;
 2. that it does not contradict itself: what is kept, what is destroyed, and how it is called;
 3. that the log's entry is of this request, person and time, and names the digest of the facts;
 4. that the entry is in the log: its proof, and the checkpoint's signature.
"""

import base64
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NoReturn
from uuid import UUID

from moat_verifier.canonical import canonical
from moat_verifier.entries import ENTRY_BYTES_AT_MOST, canonical_fields
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.log import NOT_PINNED, describe, judged
from moat_verifier.note import Note, VerifierKey
from moat_verifier.policy import Policy
from moat_verifier.proof import Proof
from moat_verifier.report import Report

CERTIFICATE_BYTES_AT_MOST = 128 * 1024
FORMAT = "moat-erasure-certificate/v2"
KEY_SUFFIX = "/erasure"
PENDING = "the entry was not published when the certificate was issued: fetch the certificate again"

_MEMBERS = {"completion", "erasure", "issued", "log"}
_FACTS = {
    "approvers",
    "begun",
    "ended",
    "erased",
    "issuer",
    "kept",
    "key",
    "outcome",
    "plan",
    "received",
    "recipients",
    "regime",
    "request",
    "right",
    "subject",
    "tenant",
    "told",
    "tool",
    "verification",
}


def verify_certificate(raw: bytes, keys: Sequence[VerifierKey], policy: Policy | None, report: Report) -> None:
    """Check a certificate. Returning means that everything holds by keys pinned from outside.

    Raises:
        TamperedError: something does not hold.
        CannotCheckError: no key is pinned, another key signed it, or the entry was not published yet.
    """
    note = Note.parse(raw, where="certificate")
    told = _told(note.text)
    facts, log = told["erasure"], told["log"]
    if not isinstance(facts, dict) or set(facts) != _FACTS or not isinstance(log, dict):
        _malformed()
    signed = _check_signature(note, str(facts["issuer"]), keys)
    report.facts |= {name: facts[name] for name in ("issuer", "request", "right", "subject", "outcome", "ended")}
    report.facts["signature"] = "holds" if signed else "not checked"
    _check_sense(facts, told["completion"], report)
    entry = log.get("entry")
    if not isinstance(entry, str):
        _malformed()
    _check_entry(facts, entry.encode())
    if set(log) == {"state", "entry"} and log["state"] == "pending":
        raise CannotCheckError(PENDING)
    proved = _check_proof(log, entry.encode(), policy, report)
    if not (signed and proved):
        raise CannotCheckError(NOT_PINNED)


def _told(text: bytes) -> dict[str, Any]:
    """The JSON of the note's text, in its one spelling."""
    head, parted, body = text.partition(b"\n")
    if head == b"moat-erasure-certificate/v1":
        raise CannotCheckError("a certificate of version 1 is checked by moat certificate verify")
    if head != FORMAT.encode() or not parted or not body.endswith(b"\n"):
        _malformed()
    told = canonical_fields(body[:-1], index=0)
    if set(told) != _MEMBERS or canonical(told) != body[:-1]:
        _malformed()
    return told


def _check_signature(note: Note, issuer: str, keys: Sequence[VerifierKey]) -> bool:
    """Whether one of `keys` signed the note; False where none was given."""
    if not keys:
        return False
    named = [key for key in keys if key.name == issuer + KEY_SUFFIX]
    if not note.signers(named, where="signature"):
        raise TamperedError("signature", "no pinned key of the issuer has signed it")
    return True


def _check_sense(facts: Mapping[str, Any], completion: Any, report: Report) -> None:
    try:
        kept, key = facts["kept"], facts["key"]
        sense = (
            facts["verification"]["kept"] == sum(one["count"] for one in kept)
            and facts["verification"]["found"] == 0
            and (facts["outcome"] == "partly_erased") == bool(kept)
            and (facts["outcome"] == "erased") == (key is not None)
            and (completion is None) == (key is None)
            and (key is None or key["destroyed"] <= completion["at"])
        )
        report.facts["erased"] = sum(one["count"] for one in facts["erased"])
        report.facts["kept"] = [
            f"{one['count']} {one['category']} by {one['by']} until {one['until']}" for one in facts["kept"]
        ]
        if completion is not None:
            report.facts |= {"complete_on": completion["at"], "rule": completion["rule"]}
    except (KeyError, TypeError):
        _malformed()
    if not sense:
        raise TamperedError("certificate", "contradicts itself")


def _check_entry(facts: Mapping[str, Any], entry: bytes) -> None:
    if len(entry) > ENTRY_BYTES_AT_MOST:
        raise TamperedError("entry", "is longer than an entry can be")
    fields = canonical_fields(entry, index=0)
    try:
        request = base64.urlsafe_b64encode(UUID(facts["request"]).bytes).decode().rstrip("=")
    except (ValueError, AttributeError, TypeError):
        _malformed()
    wanted = {
        "action": "dsar.erasure_end",
        "outcome": "done",
        "tenant": facts["tenant"],
        "at": facts["ended"],
        "ref": request,
        "wording": sha256(canonical(facts)).hexdigest(),
    }
    if any(fields.get(name) != value for name, value in wanted.items()):
        raise TamperedError("entry", "is of something else than the certificate tells")
    if fields.get("subjects", []) != ([] if facts["subject"] is None else [facts["subject"]]):
        raise TamperedError("entry", "is of another person")


def _check_proof(log: Mapping[str, Any], entry: bytes, policy: Policy | None, report: Report) -> bool:
    """Whether a pinned key vouches for the log; the proof holds in any case."""
    text = log.get("proof")
    if (
        set(log) != {"entry", "index", "origin", "proof", "state"}
        or log["state"] != "published"
        or not isinstance(text, str)
    ):
        _malformed()
    proof = Proof.parse(text.encode(), where="proof")
    trust = judged(proof.checkpoint, policy, where="proof")
    describe(proof.checkpoint, trust, report)
    report.facts["index"] = proof.index
    if (log["origin"], log["index"]) != (proof.checkpoint.origin, proof.index):
        raise TamperedError("proof", "is of another log or another entry than the certificate says")
    proof.check(entry, where="proof")
    return trust is not None


def _malformed() -> NoReturn:
    raise TamperedError("certificate", "does not have the form of a certificate")
