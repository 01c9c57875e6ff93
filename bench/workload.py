"""Made-up values for the benchmarks, each of another person: nobody's data, and nothing twice."""

from collections.abc import Sequence
from itertools import count

import orjson

PURPOSES = {"phone": "delivery", "address": "delivery", "bank_card": "payment"}
REF = "order:o-1"


class Workload:
    """Draws values by a counter, so that every value of a run is new."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def tokenize(self, items: int, *, kind: str = "phone", preserving: bool = False, ref: str = REF) -> bytes:
        """The body of a tokenize call for so many new people with one value each."""
        drawn = [self._item(kind, preserving=preserving) for _ in range(items)]
        return orjson.dumps({"purpose": PURPOSES[kind], "ref": ref, "items": drawn})

    def _item(self, kind: str, *, preserving: bool) -> dict[str, str]:
        number = next(self._numbers)
        item = {"subject": f"cust-{number}", "kind": kind, "value": _VALUES[kind](number)}
        return {**item, "format": "preserving"} if preserving else item


def detokenize(tokens: Sequence[str], *, kind: str = "phone") -> bytes:
    """The body of a detokenize call, for plain values."""
    items = [{"token": token} for token in tokens]
    return orjson.dumps({"purpose": PURPOSES[kind], "ref": REF, "view": "plain", "items": items})


def tokens_of(answer: bytes) -> list[str]:
    """The tokens of a tokenize answer."""
    return [item["token"] for item in orjson.loads(answer)["items"]]


def _phone(number: int) -> str:
    return f"138{number:08}"


def _address(number: int) -> str:
    return f"上海市静安区南京西路{number}号"


def _bank_card(number: int) -> str:
    digits = f"622202{number:012}"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


_VALUES = {"phone": _phone, "address": _address, "bank_card": _bank_card}
