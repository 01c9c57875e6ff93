"""A record of consent as JSON-LD in the words of the Data Privacy Vocabulary (DPV), by the W3C community group's guide for
ISO/IEC TS 27560 (w3id.org/dpv/schema/dpv-27560).

It says what `consent.receipts.record` says. Ids of the catalogue stand as `dct:identifier`, for DPV has names of its own for
purposes and kinds of data, which a platform's own only resemble.
"""

from typing import Any

from consent.receipts.facts import Facts, Occurrence, duration
from consent.receipts.record import CONTROLLER, WITHDRAWAL, is_separate
from consent.recipient import RecipientKind
from consent.records.consent_id import consent_id
from consent.records.standing import ExpressedBy, State
from database.columns import rfc3339

CONTEXT: dict[str, Any] = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "spdx": "http://spdx.org/rdf/terms#",
    "pipl": "urn:moat:pipl#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "log": {"@id": "urn:moat:receipt#log", "@type": "@json"},
    "signature": "urn:moat:receipt#signature",
}
RECORD_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record"
RECEIPT_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#receipt-record"

_STATUS = {
    State.GIVEN: "dpv:ConsentGiven",
    State.RENEWED: "dpv:RenewedConsentGiven",
    State.REFUSED: "dpv:ConsentRefused",
    State.DEFERRED: "dpv:ConsentRequestDeferred",
    State.WITHDRAWN: "dpv:ConsentWithdrawn",
    State.EXPIRED: "dpv:ConsentExpired",
    State.INVALIDATED: "dpv:ConsentInvalidated",
}
_INDICATED_BY = {
    ExpressedBy.SELF: "dpv:DataSubject",
    ExpressedBy.SIGNAL: "dpv:DataSubject",
    ExpressedBy.GUARDIAN: "dpv:GuardianOfDataSubject",
    ExpressedBy.SYSTEM: "dpv:DataController",
}
_ROLES = {
    RecipientKind.PROCESSOR: "dpv:DataProcessor",
    RecipientKind.CONTROLLER: "dpv:ThirdParty",
    RecipientKind.JOINT: "dpv:JointDataControllers",
    RecipientKind.AUTHORITY: "dpv:Authority",
}


def linked_record(facts: Facts) -> dict[str, Any]:
    """The record of everything that happened, without its `@context`."""
    told: dict[str, Any] = {
        "@id": f"urn:moat:consent:{consent_id(facts.occurrences[0].event)}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": RECORD_PROFILE,
        "dpv:hasIdentifier": consent_id(facts.occurrences[0].event),
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dpv:hasIdentifier": facts.person},
        "dpv:hasDataController": _controller(facts),
        "dpv:hasJurisdiction": facts.catalogue.controller.country,
        "dpv:hasProcess": _process(facts),
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": WITHDRAWAL},
        "dpv:hasConsentStatus": [_status(one, facts) for one in facts.occurrences],
    }
    if facts.wording is not None:
        told["dpv:hasNotice"] = _notice(facts)
    return told


def _notice(facts: Facts) -> dict[str, Any]:
    wording = facts.wording
    assert wording is not None
    return {
        "@id": f"urn:moat:notice:{facts.purpose_id}:{wording.version}:{wording.locale.value}",
        "@type": "dpv:ConsentNotice",
        "dct:language": wording.locale.value,
        "dct:hasVersion": str(wording.version),
        "dct:title": wording.title,
        "dct:description": wording.text,
        "spdx:checksum": {
            "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
            "spdx:checksumValue": wording.sha256,
        },
    }


def _process(facts: Facts) -> dict[str, Any]:
    purpose = facts.purpose
    told: dict[str, Any] = {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "dct:identifier": facts.purpose_id,
            "dct:title": facts.description,
        },
        "dpv:hasRecipient": [_recipient(name, facts) for name in facts.recipients],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": facts.catalogue.controller.country}
        ],
    }
    if purpose is not None:
        told["dpv:hasPersonalData"] = [_kind(kind, facts) for kind in sorted(purpose.kinds)]
        told["dpv:hasLegalBasis"] = [f"pipl:art13-{purpose.pipl.value}", "eu-gdpr:A6-1-a"]
        if purpose.gdpr.value != "consent":
            told["dpv:hasLegalBasis"] = [f"pipl:art13-{purpose.pipl.value}"]
        told["dpv:hasStorageCondition"].append(
            {"@type": "dpv:StorageDuration", "dct:description": purpose.retention.text[facts.locale]}
        )
    return told


def _kind(kind: str, facts: Facts) -> dict[str, Any]:
    sensitive = kind in facts.catalogue.sensitive
    return {
        "@type": ["dpv:PersonalData", "dpv:SensitivePersonalData"] if sensitive else "dpv:PersonalData",
        "dct:identifier": kind,
        "dpv:hasNecessity": "dpv:Required",
    }


def _controller(facts: Facts) -> dict[str, Any]:
    controller, locale = facts.catalogue.controller, facts.locale
    return {
        "@type": ["dpv:Organisation", "dpv:DataController"],
        "dct:identifier": CONTROLLER,
        "dpv:hasName": controller.name[locale],
        "dpv:hasAddress": f"{controller.address[locale]}, {controller.country}",
        "dpv:hasContact": [controller.contact[locale], controller.email],
    }


def _recipient(name: str, facts: Facts) -> dict[str, Any]:
    recipient = facts.catalogue.recipients.get(name)
    if recipient is None:
        return {"@type": "dpv:Recipient", "dct:identifier": name}
    return {
        "@type": ["dpv:Recipient", _ROLES[recipient.kind]],
        "dct:identifier": name,
        "dpv:hasName": recipient.name[facts.locale],
        "dpv:hasLocation": recipient.country,
        "dpv:hasContact": recipient.contact,
    }


def _status(occurrence: Occurrence, facts: Facts) -> dict[str, Any]:
    kind = "dpv:ExplicitlyExpressedConsent" if is_separate(facts) else "dpv:ExpressedConsent"
    told: dict[str, Any] = {
        "@type": [_STATUS[occurrence.state], kind] if occurrence.grants else _STATUS[occurrence.state],
        "dct:identifier": consent_id(occurrence.event),
        "dpv:isIndicatedAtTime": rfc3339(occurrence.said_at),
        "dct:created": rfc3339(occurrence.recorded_at),
        "dpv:isIndicatedBy": _INDICATED_BY[occurrence.expressed_by],
        "dpv:hasIndicationMethod": occurrence.method,
    }
    if occurrence.notice_version is not None:
        told["dpv:hasNotice"] = f"urn:moat:notice:{facts.purpose_id}:{occurrence.notice_version}:{occurrence.locale}"
    if (length := duration(occurrence)) is not None:
        told["dpv:hasDuration"] = length
    return told
