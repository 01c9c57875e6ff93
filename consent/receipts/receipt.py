"""A receipt: the record of a consent up to one event, the proof that the log holds that event, and one signature over all.

    {"schema_version", "receipt_id", "created", "about", "consent_record", "log", "signature"}                     format=json
    {"@context", "@id", "@type", "dct:conformsTo", …, "dpv:hasRecordOfActivity", "log", "signature"}      format=jsonld

    log   {"state": "published", "origin", "index", "entry", "proof"}: the entry's octets as text, and the c2sp.org/tlog-proof
          that leads from them to a checkpoint of the log; or {"state": "pending", "entry"} until the entry is published

The signature (`consent.receipts.jws`) is over everything else, so that no member can be changed, added or left out.
"""

from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from audit.ports import Signer
from consent.receipts.facts import Facts
from consent.receipts.jws import sign
from consent.receipts.linked import CONTEXT, RECEIPT_PROFILE, linked_record
from consent.receipts.record import SCHEMA_VERSION, record
from consent.records.consent_id import consent_id
from database.columns import rfc3339


class Shape(StrEnum):
    """The forms of a receipt: JSON as ISO/IEC TS 27560 structures it, and JSON-LD of the Data Privacy Vocabulary."""

    JSON = "json"
    JSONLD = "jsonld"


class Logged(NamedTuple):
    """The log's entry of an event, and where it is published; `proof` is empty until it is."""

    entry: str
    origin: str = ""
    leaf: int = 0
    proof: str = ""

    def told(self) -> dict[str, Any]:
        """The receipt's `log`."""
        if not self.proof:
            return {"state": "pending", "entry": self.entry}
        return {
            "state": "published",
            "origin": self.origin,
            "index": self.leaf,
            "entry": self.entry,
            "proof": self.proof,
        }


def receipt(facts: Facts, logged: Logged, shape: Shape, signer: Signer, *, number: UUID, at: int) -> dict[str, Any]:
    """The signed receipt of the last event of `facts`, made at `at` (milliseconds since the epoch)."""
    made = _plain(facts, number, at) if shape is Shape.JSON else _linked(facts, number, at)
    document = {**made, "log": logged.told()}
    return {**document, "signature": sign(document, signer)}


def _plain(facts: Facts, number: UUID, at: int) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "receipt_id": str(number),
        "created": rfc3339(at),
        "about": consent_id(facts.latest.event),
        "consent_record": record(facts),
    }


def _linked(facts: Facts, number: UUID, at: int) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@id": f"urn:uuid:{number}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": RECEIPT_PROFILE,
        "dpv:hasIdentifier": str(number),
        "dct:created": rfc3339(at),
        "dct:subject": consent_id(facts.latest.event),
        "dpv:hasRecordOfActivity": linked_record(facts),
    }
