"""Bindings: making, changing and ending them. One transaction each, with its entry in the log.

1. people    opened and locked in the vault, their parties here locked in one order, so that no two bindings of one person are
             made at once
2. again     the same people for the same order get the binding that they have
3. numbers   candidates by masks, each taken only if it still has room
4. routes    inserted; their primary key is what keeps two pairs from meeting on a number
5. log

Several are made like one. Those that end in `_in` work inside a transaction of the caller's, which has opened the directory.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from audit.entry import Act, Action, Group, ObjectRef, Outcome, Reason, SubjectRef
from audit.log import AuditLog
from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import Bound, By, Change, Wish
from masking.relay.changing import Changing
from masking.relay.choosing import Choice
from masking.relay.closing import UNBOUND, close
from masking.relay.errors import DurationError, ModeFieldsError, PartyError, RelayError, SelfBindingError
from masking.relay.people import Known, known_people
from masking.relay.pool import Pool, Stocks
from masking.relay.ports import CallRecords, Directories, Directory, Follower, HungUp, Lines, PartyName
from masking.relay.seat import Cast, seats
from work.replay import Replay

Answer = TypeVar("Answer")

AT_ONCE = 1_000
"""Bindings of one call: the shift of a fleet."""


class Bindings:
    """The use cases around bindings."""

    def __init__(
        self,
        database: Database,
        directories: Directories,
        log: AuditLog,
        now: Callable[[], datetime],
        records: CallRecords,
        lines: Lines,
    ) -> None:
        self._database = database
        self._directories = directories
        self._log = log
        self._now = now
        self._records = records
        self._lines = lines
        self._stocks = Stocks()
        self._changing = Changing()
        self._followers: list[Follower] = []

    def followed_by(self, follower: Follower) -> None:
        """Tell somebody, from now on, of bindings that are made, changed and ended by somebody's call."""
        self._followers.append(follower)

    def at(self) -> int:
        """The moment of a use case, read once: milliseconds since the epoch."""
        return millis(self._now())

    def bind(self, by: By, wish: Wish, replay: Replay | None = None) -> Bound:
        """Put numbers between people. The same people for the same order get the binding that they have.

        Raises:
            PartyError, SelfBindingError, ModeFieldsError, DurationError: somebody cannot be called, or the wish makes no sense.
            NumberTakenError, PoolExhaustedError, PartyExhaustedError: there is no number for them.
            PoolNotFoundError: no such pool.
            IdempotencyMismatchError: `replay` belongs to another wish.
        """

        def work(tx: Transaction, directory: Directory) -> Bound:
            earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
            if earlier is not None:
                return Bound.of(tx.one(store.BINDING, tenant=by.tenant, id=int(earlier[0])))
            made = self.bind_in(tx, directory, by, wish)
            if replay is not None:
                replay.keep(tx, directory.mac, [made.id], by.at)
            return made

        return self._write(by, work)

    def bulk(self, by: By, wishes: Sequence[Wish], replay: Replay | None = None) -> list[Bound | RelayError]:
        """As many bindings as there are wishes, in one transaction and in order; where one cannot be made, why, and the others
        stand. A repeated `replay` gives back what was made, and tries again what was not.

        Raises:
            IdempotencyMismatchError: `replay` belongs to other wishes.
        """

        def work(tx: Transaction, directory: Directory) -> list[Bound | RelayError]:
            earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
            if earlier is None:
                made = self.bulk_in(tx, directory, by, wishes)
                if replay is not None:
                    replay.keep(tx, directory.mac, [one.id if isinstance(one, Bound) else 0 for one in made], by.at)
                return made
            again = iter(
                self.bulk_in(tx, directory, by, [w for w, one in zip(wishes, earlier, strict=True) if not one])
            )
            return [
                Bound.of(tx.one(store.BINDING, tenant=by.tenant, id=int(one))) if one else next(again)
                for one in earlier
            ]

        return self._write(by, work)

    def change(self, by: By, binding: int, change: Change) -> Bound:
        """Change a binding that is live. Whoever is replaced keeps a route that cools.

        Raises:
            BindingNotFoundError, BindingEndedError: there is none, or it is over.
            VersionConflictError: it is not the version that the caller has seen.
            NumberTakenError: who comes has the number in another binding, or had it not long ago.
            PartyError, SelfBindingError, ModeFieldsError, DurationError: as in `bind`.
        """
        return self._write(by, lambda tx, directory: self.change_in(tx, directory, by, binding, change))

    def extend(self, by: By, binding: int, lasts: int) -> Bound:
        """Let a binding that is live last so many milliseconds from now. Raises as `change`."""
        return self.change(by, binding, Change(lasts=lasts))

    def unbind(self, by: By, binding: int, reason: str = UNBOUND) -> Bound:
        """End a binding; of one that is over nothing changes. Calls that are under way end as the tenant's rules say.

        Raises:
            BindingNotFoundError: there is none.
        """
        return self._database.write(by.tenant, lambda tx: self.unbind_in(tx, by, binding, reason))

    def hang_up(self, by: By, binding: int) -> HungUp:
        """End the calls of a binding that are under way, once the log has it. Raises BindingNotFoundError."""

        def work(tx: Transaction) -> None:
            found = Bound.of(tx.one(store.BINDING, tenant=by.tenant, id=binding))
            self._note(tx, by, Action.RELAY_HANG_UP, [found], [])

        self._database.write(by.tenant, work)
        return self._lines.hang_up(by.tenant, binding)

    def get(self, tenant: int, binding: int) -> Bound:
        """One binding. Raises BindingNotFoundError."""
        return Bound.of(self._database.read(tenant, lambda tx: tx.one(store.BINDING, tenant=tenant, id=binding)))

    def listed(self, tenant: int, *, after: int, limit: int) -> list[Bound]:
        """Bindings in the order in which they were made, from behind the one with the id `after`."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.BINDINGS, tenant=tenant, after=after, limit=limit))
        return [Bound.of(row) for row in rows]

    def of_order(self, tenant: int, order: str) -> list[Bound]:
        """The bindings of an order, those that are over too."""

        def attempt(directory: Directory) -> list[Bound]:
            return self._database.read(tenant, lambda tx: self.of_order_in(tx, directory, tenant, order))

        return self._directories.using(tenant, attempt)

    def of_order_in(self, tx: Transaction, directory: Directory, tenant: int, order: str) -> list[Bound]:
        """As `of_order`, in the caller's transaction."""
        rows = tx.all(store.BINDINGS_OF_ORDERS, rows=[(directory.order_ref(order),)], tenant=tenant)
        return [Bound.of(row) for row in rows]

    def values(self, tenant: int, numbers: Sequence[int]) -> Mapping[int, str]:
        """The texts of relay numbers by their ids."""
        rows = [(number,) for number in sorted(set(numbers))]
        return dict(self._database.read(tenant, lambda tx: tx.all(store.VALUES, rows=rows, tenant=tenant)))

    def bind_in(self, tx: Transaction, directory: Directory, by: By, wish: Wish) -> Bound:
        """As `bind`, in the caller's transaction."""
        made = self.bulk_in(tx, directory, by, [wish])[0]
        if isinstance(made, RelayError):
            raise made
        return made

    def bulk_in(
        self, tx: Transaction, directory: Directory, by: By, wishes: Sequence[Wish]
    ) -> list[Bound | RelayError]:
        """As `bulk`, in the caller's transaction. Nothing stands of a wish that cannot be met."""
        names = [name for wish in wishes for name in _named(wish).values()]
        making = _Making(tx, directory, by, self._stocks, known_people(tx, directory, by, names))
        made: list[Bound | RelayError] = []
        done: list[Bound] = []
        refs: list[SubjectRef] = []
        for wish in wishes:
            try:
                one, ref = making.made(wish)
            except RelayError as error:
                made.append(error)
                continue
            made.append(one)
            done.append(one)
            refs.append(ref)
        if done:
            self._note(tx, by, Action.RELAY_BIND, done, refs)
        return made

    def change_in(self, tx: Transaction, directory: Directory, by: By, binding: int, change: Change) -> Bound:
        """As `change`, in the caller's transaction."""
        changed = self._changing.changed(tx, directory, by, binding, change)
        self._note(tx, by, Action.RELAY_CHANGE, [changed], [])
        return changed

    def unbind_in(self, tx: Transaction, by: By, binding: int, reason: str = UNBOUND) -> Bound:
        """As `unbind`, in the caller's transaction."""
        bound = Bound.of(tx.one(store.BINDING_TO_CHANGE, tenant=by.tenant, id=binding))
        pool = Pool.of(tx.one(store.POOL, tenant=by.tenant, id=bound.pool))
        if close(tx, by.tenant, pool, bound, by.at, reason):
            self._records.ended(tx, by.tenant, bound.id, by.at)
            self._note(tx, by, Action.RELAY_UNBIND, [bound], [])
        return Bound.of(tx.one(store.BINDING, tenant=by.tenant, id=binding))

    def _write(self, by: By, work: Callable[[Transaction, Directory], Answer]) -> Answer:
        def attempt(directory: Directory) -> Answer:
            return self._database.write(by.tenant, lambda tx: work(tx, directory))

        return self._directories.using(by.tenant, attempt)

    def _note(
        self, tx: Transaction, by: By, action: Action, bound: Sequence[Bound], refs: Sequence[SubjectRef]
    ) -> None:
        group = Group(
            Outcome.DONE,
            rows=[one.id for one in bound],
            subjects=refs,
            refs=[ObjectRef(one.order_ref) for one in bound],
        )
        self._log.append(tx, Act(action, by.actor, by.tenant, by.at, by.request, [group]))
        if action is not Action.RELAY_HANG_UP:
            for follower in self._followers:
                follower.changed(tx, by.tenant, [one.pool for one in bound], [one.id for one in bound], by.at)


class _Making:
    """Makes bindings among people who are known and locked."""

    def __init__(
        self,
        tx: Transaction,
        directory: Directory,
        by: By,
        stocks: Stocks,
        people: Mapping[PartyName, Known | Reason],
    ) -> None:
        self._tx = tx
        self._directory = directory
        self._by = by
        self._stocks = stocks
        self._people = people
        self._pools: dict[str, Pool] = {}

    def made(self, wish: Wish) -> tuple[Bound, SubjectRef]:
        """The binding, and the pseudonym of A, or of the first member. Raises as `Bindings.bind`."""
        pool = self._pool(wish.pool)
        if wish.mode not in pool.modes:
            raise ModeFieldsError("mode")
        lasts = pool.lasts if wish.lasts is None else wish.lasts
        if lasts > pool.lasts_at_most:
            raise DurationError
        cast, refs = self._cast(wish)
        order = self._directory.order_ref(wish.order)
        return self._again(wish, cast, order) or self._new(wish, pool, cast, order, lasts), refs[0]

    def _pool(self, name: str) -> Pool:
        if name not in self._pools:
            self._pools[name] = Pool.of(self._tx.one(store.POOL_BY_NAME, tenant=self._by.tenant, name=name))
        return self._pools[name]

    def _cast(self, wish: Wish) -> tuple[Cast, list[SubjectRef]]:
        known: dict[str, Known] = {}
        for field, name in _named(wish).items():
            one = self._people[name]
            if isinstance(one, Reason):
                raise PartyError(field, one.value)
            known[field] = one
        if len({one.party.fingerprint for one in known.values()}) < len(known):
            raise SelfBindingError
        crew = [one.party for field, one in known.items() if field.startswith("crew.")]
        parties = {field: one.party for field, one in known.items()}
        cast = Cast(a=parties.get("a", crew[0] if crew else None), b=parties.get("b"), crew=crew)
        return cast, [one.ref for one in known.values()]

    def _again(self, wish: Wish, cast: Cast, order: ObjectRef) -> Bound | None:
        """Step 2."""
        a, b = (None if one is None else one.id for one in (cast.a, cast.b))
        for row in self._tx.all(store.BINDINGS_OF_ORDERS, rows=[(order,)], tenant=self._by.tenant):
            found = Bound.of(row)
            if (found.mode, found.a, found.b) == (wish.mode, a, b) and found.live(self._by.at):
                return found
        return None

    def _new(self, wish: Wish, pool: Pool, cast: Cast, order: ObjectRef, lasts: int) -> Bound:
        """Steps 3 and 4."""
        tx, by = self._tx, self._by
        number = tx.reserve("relay_binding", 1)[0]
        choice = Choice(tx, by, pool, self._stocks.of(tx, by.tenant, pool))
        exclusively = number if wish.mode.is_exclusive else None
        taken = choice.take(wish, cast, seats(wish.mode, cast, None), exclusively=exclusively)
        made = Bound(
            id=number,
            pool=pool.id,
            mode=wish.mode,
            order_ref=order,
            a=None if cast.a is None else cast.a.id,
            b=None if cast.b is None else cast.b.id,
            crew=number if cast.crew else None,
            x=taken.numbers["x"],
            y=taken.numbers.get("y"),
            extension=taken.extension,
            direction=wish.direction,
            texts=wish.texts,
            record=wish.record,
            max_seconds=wish.max_seconds,
            version=1,
            created_at=by.at,
            expires_at=by.at + lasts,
            closed_at=None,
            close_reason=None,
            ref=wish.order,
        )
        tx.put(store.INSERT_BINDINGS, [made.row(by.tenant)])
        self._seat(made, cast, taken.again)
        if cast.crew:
            tx.put(store.INSERT_MEMBERS, [(by.tenant, number, member.id) for member in cast.crew])
        return made

    def _seat(self, made: Bound, cast: Cast, again: Mapping[tuple[int, bytes], int]) -> None:
        """Insert the routes, in the place of those that have cooled."""
        tx, tenant = self._tx, self._by.tenant
        numbers = {"x": made.x, "y": made.y}
        placed = [(numbers[seat.dialled], seat) for seat in seats(made.mode, cast, made.extension)]
        gone = [
            {
                "tenant": tenant,
                "number": number,
                "caller": seat.key,
                "at": self._by.at,
                "again": again.get((number or 0, seat.key), 0),
            }
            for number, seat in placed
        ]
        tx.run_each(store.DELETE_COOLED, gone)
        rows = [
            (tenant, number, seat.key, made.id, seat.party, seat.side.value, seat.target, numbers[seat.shown], None)
            for number, seat in placed
        ]
        tx.put(store.INSERT_ROUTES, rows)


def _named(wish: Wish) -> dict[str, PartyName]:
    """Everybody whom a wish names, by the field."""
    named = {"a": wish.a, "b": wish.b, **{f"crew.{place}": one for place, one in enumerate(wish.crew)}}
    return {field: name for field, name in named.items() if name is not None}
