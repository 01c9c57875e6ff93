"""A record of consent in the structure of ISO/IEC TS 27560:2023.

Sections and fields have the standard's names: `record` (header), `pii_processing`, `party_identification` and `event`. The
principal is named by the audit log's pseudonym, and the notice stands there word for word, so that the record proves itself
against the log without saying who the person is. Fields beyond the standard: `recorded_at`, `valid_until`, `indication_method`,
`channel` and the digests of an event.
"""

from typing import Any

from consent.receipts.facts import Facts, Occurrence, duration
from consent.recipient import Controller, Recipient, RecipientKind
from consent.records.consent_id import consent_id
from consent.records.standing import ExpressedBy
from database.columns import rfc3339

SCHEMA_VERSION = "ISO/IEC TS 27560:2023"
CONTROLLER = "controller"
WITHDRAWAL = "POST /v1/consents"

_ROLES = {
    RecipientKind.PROCESSOR: "PII processor",
    RecipientKind.CONTROLLER: "PII controller",
    RecipientKind.JOINT: "joint PII controller",
    RecipientKind.AUTHORITY: "authority",
}


def record(facts: Facts) -> dict[str, Any]:
    """The record of everything that happened, in order."""
    return {
        "record": {
            "schema_version": SCHEMA_VERSION,
            "record_id": consent_id(facts.occurrences[0].event),
            "pii_principal_id": facts.person,
        },
        "pii_processing": {
            "privacy_notice": _notice(facts),
            "language": facts.locale.value,
            "purposes": [_purpose(facts)],
        },
        "party_identification": [
            _controller(facts.catalogue.controller, facts),
            *(_party(facts.catalogue.recipients[name], facts) for name in _listed(facts)),
        ],
        "event": [event(one, facts) for one in facts.occurrences],
    }


def event(occurrence: Occurrence, facts: Facts) -> dict[str, Any]:
    """One event of the record."""
    entity = {ExpressedBy.GUARDIAN: "guardian", ExpressedBy.SYSTEM: CONTROLLER}
    told: dict[str, Any] = {
        "event_id": consent_id(occurrence.event),
        "event_time": rfc3339(occurrence.said_at),
        "recorded_at": rfc3339(occurrence.recorded_at),
        "validity_duration": duration(occurrence),
        "valid_until": None if occurrence.valid_until is None else rfc3339(occurrence.valid_until),
        "entity_id": entity.get(occurrence.expressed_by, facts.person),
        "event_type": "explicit" if is_separate(facts) else "expressed",
        "event_state": occurrence.state.value,
        "indication_method": occurrence.method,
        "channel": occurrence.channel,
    }
    for name in ("notice_version", "presentation", "evidence", "proof"):
        if (value := getattr(occurrence, name)) is not None:
            told[{"presentation": "presentation_sha256", "proof": "evidence_sha256"}.get(name, name)] = value
    return told


def is_separate(facts: Facts) -> bool:
    """Whether the consent stands for this purpose alone."""
    return facts.purpose is not None and facts.purpose.separate is not None


def _notice(facts: Facts) -> dict[str, Any] | None:
    wording = facts.wording
    if wording is None:
        return None
    return {
        "purpose": facts.purpose_id,
        "version": wording.version,
        "language": wording.locale.value,
        "sha256": wording.sha256,
        "title": wording.title,
        "text": wording.text,
    }


def _purpose(facts: Facts) -> dict[str, Any]:
    purpose, locale = facts.purpose, facts.locale
    told: dict[str, Any] = {
        "purpose": facts.description,
        "purpose_type": facts.purpose_id,
        "pii_information": [] if purpose is None else [_kind(kind, facts) for kind in sorted(purpose.kinds)],
        "pii_controllers": [CONTROLLER],
        "recipient_third_parties": list(facts.recipients),
        "storage_locations": [facts.catalogue.controller.country],
        "jurisdiction": facts.catalogue.controller.country,
        "withdrawal_method": WITHDRAWAL,
    }
    if purpose is not None:
        told["lawful_basis"] = {"pipl": purpose.pipl.value, "gdpr": purpose.gdpr.value}
        told["retention_period"] = purpose.retention.text[locale]
        told["separate_consent"] = None if purpose.separate is None else purpose.separate.value
    return told


def _kind(kind: str, facts: Facts) -> dict[str, Any]:
    sensitive = kind in facts.catalogue.sensitive
    return {"pii_type": kind, "pii_optional": False, "sensitive_pii_category": sensitive}


def _listed(facts: Facts) -> list[str]:
    return [name for name in facts.recipients if name in facts.catalogue.recipients]


def _controller(controller: Controller, facts: Facts) -> dict[str, Any]:
    locale = facts.locale
    return {
        "party_id": CONTROLLER,
        "party_name": controller.name[locale],
        "party_role": "PII controller",
        "party_type": "controller",
        "party_address": f"{controller.address[locale]}, {controller.country}",
        "party_contact": controller.contact[locale],
        "party_email": controller.email,
        "party_phone": controller.phone,
        "party_url": controller.url,
    }


def _party(recipient: Recipient, facts: Facts) -> dict[str, Any]:
    return {
        "party_id": recipient.id,
        "party_name": recipient.name[facts.locale],
        "party_role": _ROLES[recipient.kind],
        "party_type": recipient.kind.value,
        "party_address": recipient.country,
        "party_contact": recipient.contact,
    }
