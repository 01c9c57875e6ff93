"""The relay over a database, with people who are made up: no vault, and a book of calls that only remembers."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from audit.entry import Actor, ActorKind, ObjectRef, Reason, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from masking.relay.binding import Bindings
from masking.relay.bound import Bound, By, Wish
from masking.relay.exchange import Exchange
from masking.relay.keeping import Keeping, RelayErasure
from masking.relay.mode import Mode
from masking.relay.number import RelayNumber
from masking.relay.pool import DAY_MS, Pool, Terms
from masking.relay.ports import Asked, Attempt, HungUp, Left, PartyName, Reach, Recording, Restraint, Weighed
from masking.relay.routing import Answer, Books
from masking.relay.stocking import NewNumber, Stocking
from tests.support.clock import Clock

Returned = TypeVar("Returned")

TENANT = 1
HOUR_MS = 3_600_000


class Person(NamedTuple):
    """Somebody who can be called."""

    subject: int
    record: int
    number: str
    ref: SubjectRef


class PlainMac:
    """A fingerprint without a key."""

    def digest(self, message: bytes, *, label: bytes) -> bytes:
        return hashlib.sha256(label + b"|" + message).digest()[:16]


@dataclass
class Town:
    """People by their ids, with the number of each. Whoever is in `refused` cannot be called, for the reason there."""

    numbers: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Reason] = field(default_factory=dict)
    version: int = 1
    given_up: list[int] = field(default_factory=list)
    """Versions of the key that are being given up."""

    gone: set[int] = field(default_factory=set)
    """People whose numbers the vault has no more."""

    mac = PlainMac()
    region = "CN"

    def using(self, tenant: int, attempt: Callable[["Town"], Returned]) -> Returned:
        return attempt(self)

    def number(self, name: str) -> str:
        """The number of somebody, who gets the next one if they have none."""
        return self.numbers.setdefault(name, f"+86138{len(self.numbers):08d}")

    def fingerprint(self, number: str) -> bytes:
        return self._under(self.version, number)

    def older_fingerprints(self, number: str) -> list[bytes]:
        return [self._under(one, number) for one in self.given_up]

    def _under(self, version: int, number: str) -> bytes:
        keyed = number if version == 1 else f"{version}|{number}"
        return hashlib.sha256(keyed.encode()).digest()[:16]

    @property
    def key_version(self) -> int:
        return self.version

    def settled(self, tx: Transaction) -> None:
        return

    def numbers_kept(self, tx: Transaction, wanted: Sequence[tuple[int, int]]) -> list[str | None]:
        names = {_id(name): number for name, number in self.numbers.items()}
        return [names.get(subject) if subject not in self.gone else None for subject, _ in wanted]

    def order_ref(self, order: str) -> ObjectRef:
        return ObjectRef(hashlib.sha256(order.encode()).hexdigest()[:22])

    def people(self, tx: Transaction, names: Sequence[PartyName], at: int) -> list[Person | Reason]:
        return [self._person(one.subject or one.token or "") for one in names]

    def number_of(self, tx: Transaction, subject: int, record: int, at: int) -> Person | Reason:
        return self.numbers_of(tx, [(subject, record)], at)[0]

    def numbers_of(self, tx: Transaction, wanted: Sequence[tuple[int, int]], at: int) -> list[Person | Reason]:
        return [self._numbered(subject) for subject, _ in wanted]

    def _numbered(self, subject: int) -> Person | Reason:
        name = next((name for name in self.numbers if _id(name) == subject), None)
        return Reason.NOT_FOUND if name is None else self._person(name)

    def _person(self, name: str) -> Person | Reason:
        if name in self.refused:
            return self.refused[name]
        return Person(_id(name), _id(name), self.number(name), SubjectRef("s" * 22))


def _id(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) + 1


@dataclass
class Remembered:
    """A book of calls that keeps what it is told, and holds back whom a test names."""

    attempts: list[Attempt] = field(default_factory=list)
    over: list[int] = field(default_factory=list)
    restraints: dict[int, Restraint] = field(default_factory=dict)
    """By binding."""

    recorded: bool = False

    def weigh(self, tx: Transaction, tenant: int, asked: Sequence[Asked]) -> list[Weighed]:
        return [Weighed(self.restraints.get(one.binding or 0), 0) for one in asked]

    def attempted(self, tx: Transaction, tenant: int, attempts: Sequence[Attempt]) -> None:
        self.attempts += attempts

    def ended(self, tx: Transaction, tenant: int, binding: int, at: int, *, by_itself: bool = False) -> None:
        self.over.append(binding)

    def blocked(self, tx: Transaction, tenant: int, between: tuple[bytes, bytes], number: int, at: int) -> None:
        return

    def recording(self, tx: Transaction, tenant: int, people: Sequence[int | None], at: int) -> Recording:
        return Recording.ON if self.recorded and None not in people else Recording.NO_CONSENT

    def hang_up(self, tenant: int, binding: int) -> HungUp:
        return HungUp(0, Reach.NONE)

    def end(self, legs: Sequence[str]) -> Left:
        return Left((), ())


def all_in_force(tx: Transaction, secrets: Collection[bytes], at: int) -> Callable[[], frozenset[bytes]]:
    return lambda: frozenset(secrets)


class Relay:
    """The use cases of one process, with a clock that is moved."""

    def __init__(self, database: Database, clock: Clock, town: Town | None = None) -> None:
        self.database = database
        self.clock = clock
        self.town = town or Town()
        self.book = Remembered()
        log = AuditLog()
        self.bindings = Bindings(database, self.town, log, clock, self.book, self.book)
        self.routing = Exchange(database, self.town, Books(log, self.book, self.book, all_in_force), lambda _: "CN")
        self.stocking = Stocking(database, log)
        self.keeping = Keeping(database, self.book)

    @property
    def at(self) -> int:
        return millis(self.clock())

    def by(self, tenant: int = TENANT) -> By:
        """Somebody who acts now."""
        return By(tenant, Actor(ActorKind.CREDENTIAL, 1, "service"), str(uuid7(self.at)), self.at)

    def pool(self, name: str = "main", numbers: int = 4, modes: Sequence[Mode] = (Mode.AXB,), **terms: object) -> Pool:
        """A pool with so many numbers, all from Hangzhou."""
        made = self.stocking.create_pool(self.by(), name, Terms(modes=frozenset(modes), **terms))  # type: ignore[arg-type]
        self.add(name, numbers)
        return made

    def add(self, pool: str, count: int, *, area: str = "0571", province: str = "浙江") -> list[str]:
        """Put numbers into a pool; their texts."""
        values = [
            f"+86170{(made.id * 100_000 + self._next()):08d}" for made in [self.stocking.pool(TENANT, pool)] * count
        ]
        new = [NewNumber(number=RelayNumber.parse(value), area=area, province=province) for value in values]
        assert all(self.stocking.add(self.by(), pool, new))
        return values

    def bind(self, a: str = "cust-1", b: str | None = "rider-1", order: str = "o-1", **wish: object) -> Bound:
        """Bind two people for an order, by mode AXB in the pool `main`, unless told otherwise."""
        return self.bindings.bind(self.by(), self.wish(a, b, order, **wish))

    def wish(self, a: str | None = "cust-1", b: str | None = "rider-1", order: str = "o-1", **wish: object) -> Wish:
        stated: dict[str, object] = {"mode": Mode.AXB, "pool": "main", "lasts": HOUR_MS, **wish}
        named = {"a": named_person(a), "b": named_person(b)}
        return Wish(order=f"order:{order}", **named, **stated)  # type: ignore[arg-type]

    def value(self, number: int) -> str:
        """The text of a relay number."""
        return self.bindings.values(TENANT, [number])[number]

    def call(self, caller: str, called: str | int, **said: object) -> Answer:
        """What becomes of a call of somebody, by name, to a relay number."""
        text = self.value(called) if isinstance(called, int) else called
        return self.routing.route(self.by(), called=text, caller=self.town.number(caller), **said)  # type: ignore[arg-type]

    def erase(self, name: str) -> None:
        """What the vault does about somebody's key, as far as the relay hears of it."""
        self.database.write(TENANT, lambda tx: RelayErasure().erased(tx, TENANT, _id(name), self.at))

    _made = 0

    def _next(self) -> int:
        self._made += 1
        return self._made


def named_person(name: str | None) -> PartyName | None:
    return None if name is None else PartyName(subject=name)


__all__ = ["DAY_MS", "HOUR_MS", "Relay", "Town", "named_person"]
