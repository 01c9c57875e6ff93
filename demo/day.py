"""A day of an order: what the customer, the courier, the merchant and customer service see of it at each stage, side by side, and
who is refused."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from moat_client.answers import Item, Revealed, Tokenized
from moat_client.client import Moat
from moat_client.errors import ItemError, MoatError
from moat_client.handover import Assigned

from demo.people import Person

KINDS: Final = ("name", "phone", "address", "note")
NOTE: Final = "少放辣,到了打电话"
NOTHING_AFTER: Final = """\
stages:
  assigned:
    courier: {name: masked, phone: masked, address: building, note: masked}
  picked_up:
    courier: {name: masked, phone: masked, address: full, note: full}
  delivered:
    minutes: 0
    courier: {}
"""
"""A table without any grace, for those who do not want to wait ten minutes to see what a late courier is told."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of the day: whose order it is, who carries it, and a courier who does not."""

    customer: Person
    courier: Person
    stranger: Person
    merchant: str


@dataclass(frozen=True, slots=True)
class Doors:
    """The service as the platform's own services, customer service, a shop, risk control, the privacy officer and the auditor
    reach it: each with a credential of their own."""

    orders: Moat
    support: Moat
    merchant: Moat
    risk: Moat
    privacy: Moat
    auditor: Moat


@dataclass(frozen=True, slots=True)
class Sights:
    """What the four see of each kind at one moment, and by which number or code they meet."""

    heading: str
    customer: tuple[str, ...]
    courier: tuple[str, ...]
    merchant: tuple[str, ...]
    support: tuple[str, ...]


class Stage(Protocol):
    """Where the day is shown."""

    def sights(self, sights: Sights) -> None:
        """Show what the four see."""

    def line(self, text: str) -> None:
        """Say what happened between two moments."""


class Day:
    """Plays the day of order `order` through the service's own calls. `wait` waits, within its own bound, until something is so,
    and tells whether it is."""

    def __init__(
        self, doors: Doors, cast: Cast, order: str, stage: Stage, wait: Callable[[Callable[[], bool]], bool]
    ) -> None:
        self._doors = doors
        self._cast = cast
        self._order = order
        self._stage = stage
        self._wait = wait
        self._tokens: dict[str, str] = {}
        self._assigned: Assigned | None = None

    def play(self) -> None:
        """From the order to what the customer reads of it afterwards. Raises MoatError."""
        self._place()
        self._assign()
        self._pick_up()
        self._freeze()
        self._deliver()
        self._read_back()

    def _place(self) -> None:
        customer = self._cast.customer
        self._doors.orders.handover.prefer(customer.subject, anonymous_orders=True)
        values = dict(zip(KINDS, (customer.name, customer.phone, customer.home, NOTE), strict=True))
        items = [Item(customer.subject, kind, value) for kind, value in values.items()]
        answers = self._doors.orders.tokenize(items, purpose="delivery", ref=self._ref)
        self._tokens = {kind: _token(one) for kind, one in zip(KINDS, answers, strict=True)}
        self._show("The order is placed, by a customer who wants to be nobody to couriers")

    def _assign(self) -> None:
        cast = self._cast
        self._assigned = self._say("assigned", version=1)
        told = f"{cast.courier.subject} gets the order as {self._assigned.alias}, pick-up code {self._assigned.pickup_code}"
        number = self._assigned.relay or "none left in the pool: the assignment stands"
        self._stage.line(f"{told}, relay number {number}")
        self._show("Assigned: the courier sees the building, and an alias")
        self._refused(f"a wrong courier, {cast.stranger.subject}, asks for the address", cast.stranger, "building")

    def _pick_up(self) -> None:
        code = (self._assigned and self._assigned.pickup_code) or ""
        wrong = f"{(int(code or 0) + 1) % 10_000:04d}"
        with self._expected(f"the shop types the wrong code {wrong}"):
            self._doors.merchant.handover.pick_up(self._order, wrong)
        self._doors.merchant.handover.pick_up(self._order, code)
        self._stage.line(f"the shop types the right code {code}: the order is picked up, and nobody's name was said")
        stranger = self._cast.stranger.subject
        late = self._doors.orders.handover.assign(self._order, courier=stranger, stage="assigned", version=1)
        self._stage.line(
            f"an old statement arrives late: applied is {late.applied}, the order stays with {late.courier}"
        )
        self._show("Picked up: the courier sees the door")

    def _freeze(self) -> None:
        courier = self._cast.courier
        frozen = self._doors.risk.handover.freeze("courier", subject=courier.subject, reason="lost_device")
        self._stage.line(f"{courier.subject} lost the phone: risk control freezes the courier (freeze {frozen.number})")
        self._refused(f"a frozen courier, {courier.subject}, asks for the address", courier, "plain")
        with self._expected("risk control lifts its own freeze"):
            self._doors.risk.handover.thaw(frozen.number)
        self._doors.privacy.handover.thaw(frozen.number)
        self._stage.line("the phone is found: the privacy officer, another person, lifts it")

    def _deliver(self) -> None:
        self._say("delivered", version=3)
        self._show("Delivered: for ten minutes the courier still finds the building")
        with self._without_grace():
            courier = self._cast.courier
            self._refused(f"a late courier, {courier.subject}, asks once the grace is over", courier, "building")
            self._show("Afterwards: nothing is left of it to the courier")

    def _read_back(self) -> None:
        """What the customer reads of the day, as soon as the log is published."""
        if not self._wait(lambda: bool(list(self._reads()))):
            self._stage.line("the log is not published yet: the customer reads it later")
            return
        self._stage.line(f"what {self._cast.customer.subject} reads afterwards:")
        for at, what in self._reads():
            self._stage.line(f"  {at[11:19]} UTC  your courier saw {what}")

    def _reads(self) -> Iterator[tuple[str, str]]:
        """When a courier saw the customer's address, and how much of it, the earliest first."""
        entries = self._doors.auditor.access_log(self._cast.customer.subject, order="newest", limit=200)
        found = []
        for entry in entries:
            seen = entry.get("behalf") == "courier" and entry.get("outcome") == "done"
            if seen and entry.get("kind") == "address":
                found.append((str(entry["at"]), "the address" if entry.get("view") == "plain" else "the building"))
        yield from reversed(found)

    @contextmanager
    def _without_grace(self) -> Iterator[None]:
        """A table without grace, and then the one before it again."""
        before = self._doors.privacy.handover.table().source
        self._doors.privacy.handover.apply_table(NOTHING_AFTER)
        self._stage.line("the privacy officer applies a table without grace, which holds at once in every process")
        try:
            yield
        finally:
            self._doors.privacy.handover.apply_table(before)

    def _say(self, stage: str, *, version: int) -> Assigned:
        cast = self._cast
        return self._doors.orders.handover.assign(
            self._order,
            courier=cast.courier.subject,
            stage=stage,
            version=version,
            customer=cast.customer.subject,
            merchant=cast.merchant,
        )

    def _refused(self, who: str, courier: Person, view: str) -> None:
        answer = self._by(courier, view, ["address"])[0]
        self._stage.line(f"{who}: {answer}")

    @contextmanager
    def _expected(self, what: str) -> Iterator[None]:
        """A call that must be refused."""
        try:
            yield
        except MoatError as refused:
            self._stage.line(f"{what}: refused ({refused.code})")
        else:
            raise RuntimeError(f"not refused: {what}")

    def _show(self, heading: str) -> None:
        relay = (self._assigned and self._assigned.relay) or "–"
        code = (self._assigned and self._assigned.pickup_code) or "–"
        running = not heading.startswith(("Delivered", "Afterwards"))
        contact = relay if running else "–"
        self._stage.sights(
            Sights(
                heading,
                (*self._seen(self._doors.orders, "delivery", "plain"), contact),
                (*self._courier_sees(), contact),
                (*self._seen(self._doors.merchant, "delivery", "masked", "plain"), code if running else "–"),
                (*self._seen(self._doors.support, "support", "masked"), "–"),
            )
        )

    def _courier_sees(self) -> list[str]:
        """The widest view that the courier gets of each kind: in plain, by building, or nothing."""
        by_building, plain = (self._by(self._cast.courier, view, KINDS) for view in ("building", "plain"))
        return [_wider(wide, narrow) for wide, narrow in zip(plain, by_building, strict=True)]

    def _by(self, courier: Person, view: str, kinds: Sequence[str]) -> list[str]:
        acting = {"role": "courier", "subject": courier.subject}
        answers = self._doors.orders.detokenize(
            [self._tokens[kind] for kind in kinds],
            purpose="delivery",
            ref=self._ref,
            view=view,  # type: ignore[arg-type]  # one of the views
            on_behalf_of=acting,
        )
        return list(map(_spoken, answers))

    def _seen(self, door: Moat, purpose: str, *views: str) -> list[str]:
        """The widest of some views that a door gives of each kind."""
        tokens = [self._tokens[kind] for kind in KINDS]
        shown = [
            list(map(_spoken, door.detokenize(tokens, purpose=purpose, ref=self._ref, view=view)))  # type: ignore[arg-type]  # one of the views
            for view in views
        ]
        return [_wider(*reversed(column)) for column in zip(*shown, strict=True)]

    @property
    def _ref(self) -> str:
        return f"order:{self._order}"


REFUSED: Final = "✗ "


def _wider(*answers: str) -> str:
    """The first that is no refusal; else the last refusal."""
    return next((answer for answer in answers if not answer.startswith(REFUSED)), answers[-1])


def _spoken(answer: Revealed | ItemError) -> str:
    return answer.value if isinstance(answer, Revealed) else f"{REFUSED}{answer.reason or answer.code}"


def _token(answer: Tokenized | ItemError) -> str:
    if isinstance(answer, ItemError):
        raise MoatError(answer.code)
    return answer.token
