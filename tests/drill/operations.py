"""What writers ask of the service, each call with an Idempotency-Key and values of its own.

Every item has a ref that nothing else has. By it the rows of an item are found again behind the service's back, whether or not
an answer ever came.
"""

import http.client
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

ANSWER_WITHIN_SECONDS = 20.0
SUBJECTS = 60
"""People that all operations share, so that writers meet in the rows of one person."""


class UnansweredError(Exception):
    """The call may have been done or not: the connection broke, or the service says that it failed."""


@dataclass(slots=True)
class Operation:
    """One call. `answer` is that of the first call that was answered; `spends` is the ref whose token is opened,
    and `repeats` how often it was answered again."""

    number: int
    path: str
    body: bytes
    refs: tuple[str, ...] = ()
    spends: str | None = None
    answer: list[Any] | None = None
    repeats: int = 0
    values: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"drill-{self.number}"


def tokenizing(number: int, random: Random) -> Operation:
    """A call of one to five values: stable, fresh, format-preserving, now and then all or none."""
    subject = f"cust-{random.randrange(SUBJECTS)}"
    made = [_item(number, place, random) for place in range(random.choice((1, 1, 1, 2, 5)))]
    items = [{"subject": subject, "ref": f"order:d{number}-{place}", **item} for place, item in enumerate(made)]
    body = json.dumps({"purpose": "delivery", "atomic": random.random() < 0.3, "items": items}, ensure_ascii=False)
    refs = tuple(item["ref"] for item in items)
    values = {item["ref"]: item["value"] for item in items}
    return Operation(number, "/v1/tokenize", body.encode(), refs, values=values)


def limited(number: int) -> Operation:
    """A call that makes a token of two plain answers."""
    ref = f"order:d{number}-0"
    value = f"限用地址{number}号"
    item = {"subject": "cust-limited", "kind": "address", "value": value, "ref": ref, "mode": "fresh", "max_uses": 2}
    body = json.dumps({"purpose": "delivery", "items": [item]}, ensure_ascii=False).encode()
    return Operation(number, "/v1/tokenize", body, (ref,), values={ref: value})


def spending(number: int, earlier: Operation) -> Operation:
    """A call that takes one of the two answers of the token that `earlier` was answered with."""
    assert earlier.answer is not None
    ref = earlier.refs[0]
    asked = {"purpose": "delivery", "ref": ref, "view": "plain", "items": [{"token": earlier.answer[0]}]}
    return Operation(number, "/v1/detokenize", json.dumps(asked).encode(), spends=ref, values=earlier.values)


def _item(number: int, place: int, random: Random) -> dict[str, Any]:
    serial = number * 8 + place
    kind = random.choice(("stable", "stable", "fresh", "preserving"))
    if kind == "fresh":
        return {"kind": "address", "value": f"演习路{serial}号", "mode": "fresh"}
    phone = {"kind": "phone", "value": f"138{serial:08d}"}
    return {**phone, "format": "preserving"} if kind == "preserving" else phone


class Caller:
    """One connection of one writer."""

    def __init__(self, port: int, credential: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def call(self, operation: Operation, *, keyed: bool = True) -> list[Any]:
        """Make the call, with its key or without one, and give what its items were answered.

        Raises:
            UnansweredError: there is no telling whether it was done.
            AssertionError: it was refused, which nothing here should be.
        """
        status, body = self._exchange(operation, keyed=keyed)
        if status >= 500:
            raise UnansweredError(str(status))
        assert status == 200, f"operation {operation.number} was answered {status}"
        items = json.loads(body)["items"]
        assert all("error" not in item for item in items), f"an item of operation {operation.number} failed"
        return [item.get("token", item.get("value")) for item in items]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, operation: Operation, *, keyed: bool) -> tuple[int, bytes]:
        kept = self._connection is not None
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_WITHIN_SECONDS)
            headers = {**self._headers, **({"Idempotency-Key": operation.key} if keyed else {})}
            self._connection.request("POST", operation.path, operation.body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as broken:
            self.close()
            if kept and not keyed:  # The server closed it while it lay idle; reading again changes nothing.
                return self._exchange(operation, keyed=False)
            raise UnansweredError(type(broken).__name__) from None
