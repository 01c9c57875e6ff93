"""Labelled texts: JSON lines of {"text", "spans": [{"start", "end", "label"}]}, offsets in code points, the end exclusive."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from masking.detection.span import Span

KINDS: Final[Mapping[str, str]] = {
    "name": "name", "person": "name", "per": "name", "per.nam": "name",
    "loc": "place", "loc.nam": "place", "gpe.nam": "place",
    "phone": "phone", "mobile": "phone", "phone_number": "phone", "telephone": "phone", "landline": "phone",
    "email": "email", "email_address": "email",
    "id_number": "id_card", "id_card": "id_card", "id": "id_card",
    "address": "address",
    "passport": "passport", "bank_card": "bank_card", "credit_card": "bank_card",
    "qq": "qq", "vx": "wechat_id", "wechat": "wechat_id", "wechat_id": "wechat_id",
    "license_plate": "license_plate", "ip_address": "ip_address",
}  # fmt: skip
"""Labels of data sets, in lower case, and the kinds that they are. Other labels are not scored."""

SAME: Final = {"landline": "phone"}
"""Kinds of ours that data sets do not tell apart."""

ADDRESS_PARTS: Final = frozenset({"roomno", "cellno", "floorno"})


@dataclass(frozen=True, slots=True)
class Row:
    """A text, its values of kinds that are scored, and its parts as the data set calls them."""

    text: str
    gold: tuple[Span, ...]
    parts: tuple[tuple[str, int, int], ...]


def read(file: Path) -> list[Row]:
    """The texts of a file, in order."""
    rows = []
    for line in file.read_bytes().splitlines():
        told = orjson.loads(line)
        parts = tuple((one["label"], one["start"], one["end"]) for one in told.get("spans", ()))
        gold = tuple(
            Span(KINDS[label.lower()], start, end, 1.0) for label, start, end in parts if label.lower() in KINDS
        )
        rows.append(Row(told["text"], gold, parts))
    return rows


def is_of_addresses(rows: list[Row]) -> bool:
    """Whether the texts are addresses in parts."""
    return any(label in ADDRESS_PARTS for row in rows[:500] for label, _, _ in row.parts)
