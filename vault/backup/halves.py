"""Which table belongs into which half of a backup. A table that is named nowhere here fails a test, and a backup.

Keys lie in the keyring half alone: whoever holds only a data archive holds sealed rows, and an erasure is complete when the
last keyring half that knew the key has expired.
"""

from collections.abc import Iterable
from enum import StrEnum


class Half(StrEnum):
    """One of the two archives."""

    KEYRING = "keyring"
    DATA = "data"


KEYRING = frozenset({"keyring_root", "keyring_epoch", "kek", "purpose_key", "dek"})
"""Wrapped keys, and what tells their versions."""

DATA = frozenset(
    {
        "access_digest",
        "access_freeze",
        "assignment",
        "audit_act",
        "audit_checkpoint",
        "audit_entry",
        "audit_head",
        "audit_leaf",
        "audit_origin",
        "audit_tallied",
        "audit_tally",
        "breach",
        "breach_person",
        "consent_catalogue",
        "consent_current",
        "consent_epoch",
        "consent_event",
        "consent_notice",
        "consent_notice_text",
        "consent_told",
        "credential",
        "credential_secret",
        "device_key",
        "disclosure_budget",
        "erasure",
        "erasure_line",
        "erasure_receipt",
        "dsar_request",
        "dsar_request_move",
        "dsar_request_words",
        "handover_table",
        "holder_task",
        "honey_token",
        "idempotency",
        "idempotency_subject",
        "identity_guard",
        "identity_key",
        "identity_proof",
        "inner_key",
        "job",
        "job_approval",
        "job_due",
        "job_step",
        "legal_hold",
        "letter",
        "package",
        "package_choice",
        "picture",
        "picture_chunk",
        "preference",
        "preserving_serial",
        "record",
        "note_finding",
        "record_use",
        "relay_account",
        "relay_binding",
        "relay_block",
        "relay_bucket",
        "relay_call",
        "relay_case",
        "relay_legal_key",
        "relay_legal_taking",
        "relay_member",
        "relay_number",
        "relay_outward",
        "relay_party",
        "relay_pool",
        "relay_route",
        "relay_rules",
        "relay_sealed_call",
        "relay_seen",
        "relay_text_count",
        "relay_text_stop",
        "retention_chunk",
        "retention_count",
        "retention_event",
        "retention_item",
        "retention_plan",
        "retention_policy",
        "retention_tally",
        "restriction",
        "search_index",
        "shred_ledger",
        "shift_budget",
        "shift_rules",
        "shredding",
        "staff",
        "staff_guard",
        "staff_passkey",
        "staff_totp",
        "subject",
        "subject_field",
        "tenant",
        "track",
        "track_batch",
        "webhook",
        "webhook_delivery",
        "webhook_secret",
        "work_round",
    }
)
"""Sealed values, the log, and everything else that is to be there again."""

LEFT_OUT = frozenset(
    {
        "identity_assertion",
        "identity_challenge",
        "identity_claim",
        "identity_link",
        "identity_session",
        "package_link",
        "staff_challenge",
        "staff_link",
        "staff_recovery",
        "staff_session",
        "worker",
    }
)
"""The processes of the moment, and what opens something once or for minutes: a copy that is put back must not open it again."""


def half_of(table: str) -> Half | None:
    """Where a table belongs; None where it is left out.

    Raises:
        LookupError: nobody has decided.
    """
    if table in KEYRING:
        return Half.KEYRING
    if table in DATA:
        return Half.DATA
    if table in LEFT_OUT:
        return None
    raise LookupError(table)


def tables_of(half: Half, tables: Iterable[str]) -> list[str]:
    """The tables of a half, in the order given.

    Raises:
        LookupError: there is a table that nobody has decided about.
    """
    return [table for table in tables if half_of(table) is half]
