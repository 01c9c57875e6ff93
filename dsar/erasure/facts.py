"""What is certified of an erasure, as members of a certificate: counts, codes, times, pseudonyms and digests.

Methods are said in the terms of NIST SP 800-88: destroying a key is Cryptographic Erase, a technique of Purge; rows that are
deleted and overwritten are Cleared; what was anonymised or restricted was not sanitized.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from database.columns import rfc3339
from dsar.erasure.law import Laws
from dsar.erasure.plan import Line
from dsar.erasure.ports import DestroyedKey
from dsar.erasure.state import Erasure
from dsar.holders.holder import Act, Receipt
from dsar.request import Request

SANITIZATION: Mapping[str, tuple[str, str]] = {
    "cryptographic_erase": ("purge", "cryptographic_erase"),
    "delete": ("clear", "delete"),
    "anonymise": ("none", "anonymise"),
}
"""How NIST SP 800-88 calls what was done to the medium, and by which technique."""


UNREACHABLE = "unreachable"
"""What a holder did that could not be asked any more, because the person's key was destroyed before by something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an erasure came to. `gone` counts values by holder, category and purpose, `stays` is what the last look found kept,
    `receipts` are what holders did, in order, and `checked` the holders that were asked what they have after it. `told` is by
    which channel and when the person was."""

    gone: Sequence[tuple[str, str, str, int]]
    stays: Sequence[Line]
    receipts: Sequence[tuple[Act, Receipt]]
    checked: Sequence[str]
    told: tuple[str, int] | None
    key: DestroyedKey | None
    approvers: Sequence[int]
    laws: Laws
    issuer: str
    tool: str
    at: int


def facts_of(request: Request, erasure: Erasure, found: Found) -> dict[str, Any]:
    """The members. Whatever is `null` does not apply."""
    return {
        "issuer": found.issuer,
        "tenant": request.tenant,
        "request": str(request.id),
        "right": request.right.value,
        "regime": request.regime,
        "subject": erasure.subject,
        "outcome": _outcome(erasure, found),
        "received": rfc3339(request.received_at),
        "begun": rfc3339(erasure.begun_at),
        "ended": rfc3339(found.at),
        "tool": found.tool,
        "plan": {
            "sha256": None if erasure.plan_digest is None else erasure.plan_digest.hex(),
            "made": None if erasure.plan_at is None else rfc3339(erasure.plan_at),
            "laws": erasure.laws,
        },
        "erased": [_gone(one, found) for one in found.gone],
        "kept": _kept(found.stays, found.laws),
        "key": None if found.key is None else _key(found.key),
        "told": None if found.told is None else {"channel": found.told[0], "at": rfc3339(found.told[1])},
        "recipients": [_recipient(act, receipt) for act, receipt in found.receipts],
        "verification": {
            "rounds": erasure.round,
            "asked": sorted(found.checked),
            "found": 0,
            "kept": sum(line.count for line in found.stays),
            "result": "nothing_found" if not found.stays else "nothing_but_what_is_kept",
        },
        "approvers": list(found.approvers),
    }


def _outcome(erasure: Erasure, found: Found) -> str:
    if erasure.number is None:
        return "nobody_known"
    return "partly_erased" if found.stays else "erased"


def _gone(gone: tuple[str, str, str, int], found: Found) -> dict[str, Any]:
    holder, category, purpose, count = gone
    done = [one.method for act, one in found.receipts if act is Act.DISPOSE and one.holder == holder]
    sanitization, technique = SANITIZATION.get(done[-1] if done else "", ("none", "none"))
    return {
        "system": holder,
        "category": category,
        "purpose": purpose,
        "count": count,
        "sanitization": sanitization,
        "technique": technique,
    }


def _kept(stays: Sequence[Line], laws: Laws) -> list[dict[str, Any]]:
    """What stays, by system, category, purpose and why; until when the last of it does."""
    groups: dict[tuple[str, str, str, str, str], list[Line]] = {}
    for line in stays:
        assert line.kept is not None
        why = (line.kept.reason.value, line.kept.by)
        groups.setdefault((line.holder, line.category, line.purpose, *why), []).append(line)
    return [_kept_group(key, lines, laws) for key, lines in sorted(groups.items())]


def _kept_group(key: tuple[str, str, str, str, str], lines: Sequence[Line], laws: Laws) -> dict[str, Any]:
    holder, category, purpose, reason, by = key
    law, ends = laws.law(by), [line.kept.until for line in lines if line.kept is not None]
    known = [end for end in ends if end is not None]
    return {
        "system": holder,
        "category": category,
        "purpose": purpose,
        "count": sum(line.count for line in lines),
        "reason": reason,
        "by": by,
        "article": None if law is None else law.article,
        "until": rfc3339(max(known)) if len(known) == len(ends) else None,
    }


def _key(key: DestroyedKey) -> dict[str, Any]:
    return {
        "destroyed": rfc3339(key.at),
        "kek": key.kek,
        "ledger": key.ledger.hex(),
        "line": key.line,
        "sha256": key.digest.hex(),
    }


def _recipient(act: Act, receipt: Receipt) -> dict[str, Any]:
    return {
        "system": receipt.holder,
        "act": act.value,
        "method": receipt.method,
        "count": receipt.count,
        "at": rfc3339(receipt.at),
        "sha256": None if receipt.evidence is None else receipt.evidence.hex(),
    }
