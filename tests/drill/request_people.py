"""People with something to ask, one kind for each thing that can become of them, and what must be true of them in the end."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import orjson
import pyrage
from sqlalchemy import Integer

from database.columns import metadata
from tests.drill.request_office import Office

CONSENT = "marketing_sms"
LONG_AGO, LATELY = timedelta(days=40), timedelta(days=1)
ENDS = {"complete", "complete_partly"}
REMEMBERED = {"shredding", "consent_event"}
"""Tables that know an erased person's number, which leads to nobody any more."""


@dataclass
class Person:
    """Somebody, what they have stored, and what they ask. `expected` is the state of each request in the end."""

    kind: str
    subject: str
    phone: str
    number: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    order: str = ""
    hold: int = 0
    key: Any = None
    package: str = ""
    lifted: bool = False

    @property
    def canaries(self) -> tuple[bytes, ...]:
        """What may stand nowhere in the clear."""
        return self.phone.encode(), self.subject.encode()


class Population:
    """Makes people, and looks at them."""

    def __init__(self, office: Office, seed: int) -> None:
        self._office = office
        self._seed = seed % 1_000
        self.everybody: list[Person] = []

    def cycle(self, each: int) -> list[Person]:
        """So many people of each kind, whose first request is accepted."""
        return [self._one(kind) for kind in KINDS for _ in range(each)]

    def _one(self, kind: str) -> Person:
        serial = len(self.everybody)
        person = Person(kind, f"drill-{self._seed}-{serial}", f"139{self._seed:03}{serial:05}")
        person.order = f"order:o-{self._seed}-{serial}"
        self.everybody.append(person)
        self._store(person)
        if kind in RIGHTS:
            right, said, end = RIGHTS[kind]
            person.expected.append(end)
            if kind == "held":
                person.hold = self._office.hold(ref=person.order)
            if kind == "rectify":
                said = {"corrections": {"phone": person.phone[:-1] + str((int(person.phone[-1]) + 1) % 10)}}
            if kind == "access":
                person.key = pyrage.x25519.Identity.generate()
            self.ask(person, right, **said)
        return person

    def ask(self, person: Person, right: str, **said: Any) -> None:
        """Make a request and accept it."""
        request = self._office.ask(person.subject, right, **said)
        if right == "access":
            choice = {"recipient": str(person.key.to_public())}
            self._office.call("PUT", f"/v1/requests/{request}/package/choice", choice)
        person.requests.append(request)
        self._office.accept(request)

    def _store(self, person: Person) -> None:
        office, order = self._office, person.order
        if person.kind in {"purged", "lasting", "reserved"}:
            self._store_orders(person)
        else:
            fields = {"purpose": "account", "fields": {"phone": person.phone}}
            office.call("PUT", f"/v1/subjects/{person.subject}", fields)
            person.tokens["account"] = office.token(person.subject, "phone", person.phone)
        if person.kind == "held":
            person.tokens["order"] = office.token(person.subject, "email", "a@b.example", purpose="account", ref=order)
        if person.kind == "kept":
            person.tokens["order"] = office.token(
                person.subject, "address", "北京市海淀区中关村大街27号", purpose="delivery", ref=order
            )
            self._completed(order, LATELY)
        if person.kind == "withdraw":
            self._consent(person)
        person.number = int(office.sql("SELECT max(id) FROM subject")[0][0])

    def _store_orders(self, person: Person) -> None:
        old, new = f"{person.order}-old", f"{person.order}-new"
        self._completed(old, LONG_AGO)
        person.tokens["order"] = self._office.token(person.subject, "phone", person.phone, purpose="delivery", ref=old)
        if person.kind == "lasting":
            self._office.token(person.subject, "phone", person.phone, purpose="delivery", ref=new)
            self._completed(new, LATELY)
        if person.kind == "reserved":
            person.hold = self._office.hold(ref=old)

    def _completed(self, order: str, ago: timedelta) -> None:
        event = {"event": "order.completed", "ref": order, "at": (datetime.now(UTC) - ago).isoformat()}
        self._office.call("POST", "/v1/retention/events", event)

    def _consent(self, person: Person) -> None:
        asked = {"subject": person.subject, "purposes": [CONSENT], "locale": "zh-Hans", "channel": "app"}
        shown = self._office.call("POST", "/v1/presentations", asked)["presentation"]
        item = {"subject": person.subject, "purpose": CONSENT, "state": "given", "presentation": shown}
        (answer,) = self._office.call("POST", "/v1/consents", {"items": [item]})["items"]
        assert "error" not in answer, answer

    def faults(self, people: Sequence[Person]) -> Iterator[str]:
        """What is not as it must be."""
        for person in people:
            for fault in self._faults_of(person):
                yield f"{person.kind} {person.subject}: {fault}"

    def _faults_of(self, person: Person) -> Iterator[str]:
        for request, end in zip(person.requests, person.expected, strict=True):
            shown = self._office.shown(request)
            moves = [one["move"] for one in shown["timeline"]]
            ended = [move for move in moves if move in ENDS]
            if shown["state"] != end:
                yield f"{request} is {shown['state']} and not {end}"
            if len(ended) > 1 or (ended and moves[-1] not in ENDS):
                yield f"{request} has ended {len(ended)} times: {moves}"
            if ended and self._logged(request) != 1:
                yield f"the log says {self._logged(request)} times that {request} has ended"
        yield from CHECKS[person.kind](self._office, person)

    def _logged(self, request: str) -> int:
        ref = urlsafe_b64encode(UUID(request).bytes).decode().rstrip("=")
        entries = [orjson.loads(body) for (body,) in self._office.sql("SELECT body FROM audit_entry")]
        return sum(one.get("ref") == ref and one["action"] in {f"dsar.{end}" for end in ENDS} for one in entries)


_TABLES = [
    table.name
    for table in metadata.sorted_tables
    if "subject" in table.c and isinstance(table.c.subject.type, Integer) and table.name not in REMEMBERED
]
"""Those that know people by the vault's numbers."""


def _opens(office: Office, person: Person, name: str = "account") -> Iterator[str]:
    seen = office.seen(person.tokens[name], purpose="delivery", ref=person.order)
    if seen != person.phone:
        yield f"the {name} token answers {'another value' if seen.isdigit() else seen}"


def _restricted(office: Office, person: Person) -> Iterator[str]:
    if person.lifted:
        yield from _opens(office, person)
        return
    seen = office.seen(person.tokens["account"], purpose="delivery", ref=person.order)
    if seen != "restricted":
        yield f"a restricted person's token answers {'its value' if seen == person.phone else seen}"


def _gone(office: Office, person: Person) -> Iterator[str]:
    for name, token in person.tokens.items():
        if office.status("GET", f"/v1/tokens/{token}") != 404:
            yield f"the {name} token is still there"
    for table in _TABLES:
        text = f"SELECT count(*) FROM {table} WHERE tenant = :tenant AND subject = :subject"
        left = office.sql(text, tenant=office.tenant, subject=person.number)[0][0]
        if left:
            yield f"{left} rows of {table} are left"
    receipts = (
        "SELECT count(*) FROM shredding WHERE tenant = :tenant AND subject = :subject AND destroyed_at IS NOT NULL"
    )
    if office.sql(receipts, tenant=office.tenant, subject=person.number)[0][0] != 1:
        yield "the key was not destroyed once"


def _kept(office: Office, person: Person) -> Iterator[str]:
    """What a law keeps is kept, and the rest is gone."""
    if office.status("GET", f"/v1/tokens/{person.tokens['order']}") != 200:
        yield "what a law keeps is gone"
    if office.status("GET", f"/v1/tokens/{person.tokens['account']}") != 404:
        yield "what nothing keeps is still there"


def _held(office: Office, person: Person) -> Iterator[str]:
    if person.expected == ["completed"]:
        yield from _gone(office, person)
    elif office.status("GET", f"/v1/tokens/{person.tokens['order']}") != 200:
        yield "what a hold keeps is gone"


def _read(office: Office, person: Person) -> Iterator[str]:
    """A package that the person can open, and nothing of it after the person's erasure."""
    if len(person.requests) > 1:
        yield from _gone(office, person)
        if office.package(person.package).exists():
            yield "an erased person's package is still there"
        return
    yield from _opens(office, person)
    shown = office.call("GET", f"/v1/requests/{person.requests[0]}/package", credential=office.officer)
    person.package = shown["package"]
    octets = pyrage.decrypt(office.package(person.package).read_bytes(), [person.key])
    with ZipFile(BytesIO(octets)) as archive:
        if person.phone.encode() not in archive.read("data/phone.json"):
            yield "the package has not what is held"


def _rectified(office: Office, person: Person) -> Iterator[str]:
    shown = office.call("GET", f"/v1/subjects/{person.subject}")["fields"]["phone"]["masked"]
    if shown[-1] == person.phone[-1]:
        yield "the profile was not corrected"


def _withdrawn(office: Office, person: Person) -> Iterator[str]:
    states = [one["state"] for one in office.call("GET", f"/v1/subjects/{person.subject}/consents")["items"]]
    if "given" in states:
        yield "a consent is still in force"
    events = "SELECT count(*) FROM consent_event WHERE tenant = :tenant AND subject = :subject"
    if office.sql(events, tenant=office.tenant, subject=person.number)[0][0] != 2:
        yield "a consent was not withdrawn once"


def _purged(office: Office, person: Person) -> Iterator[str]:
    status = office.status("GET", f"/v1/tokens/{person.tokens['order']}")
    if status != 404:
        yield f"what was due for the purge answers {status}"


def _lasting(office: Office, person: Person) -> Iterator[str]:
    shown = office.call("GET", f"/v1/tokens/{person.tokens['order']}", credential=office.officer)
    refs = [use["ref"] for use in shown["uses"]]
    if refs != [f"{person.order}-new"]:
        yield f"a phone of two orders has {len(refs)} uses after the purge"


def _reserved(office: Office, person: Person) -> Iterator[str]:
    if office.status("GET", f"/v1/tokens/{person.tokens['order']}") != 200:
        yield "what a hold keeps was purged"


RIGHTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "erase": ("erasure", {}, "completed"),
    "kept": ("erasure", {}, "restricted"),
    "held": ("erasure", {}, "restricted"),
    "access": ("access", {}, "completed"),
    "rectify": ("rectification", {}, "completed"),
    "restrict": ("restriction", {}, "completed"),
    "withdraw": ("consent_withdrawal", {"purposes": [CONSENT]}, "completed"),
}
CHECKS: dict[str, Any] = {
    "erase": _gone,
    "kept": _kept,
    "held": _held,
    "access": _read,
    "rectify": _rectified,
    "restrict": _restricted,
    "withdraw": _withdrawn,
    "purged": _purged,
    "lasting": _lasting,
    "reserved": _reserved,
}
KINDS = tuple(CHECKS)
