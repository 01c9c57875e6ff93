"""The root keys of a deployment: one that wraps now, those that still open, and the providers that keep them.

Every wrapped key names the row of its root, and the row names the provider. Several providers serve at once, so that a
deployment can move from one to another while it runs. A row also keeps a proof, which is

    "moat root key check v1"   wrapped by the root in the context "moat/keyring/v1" 0x00

so that a root of the right name and the wrong key is found out before anything is wrapped with it. A database that knows a
root is never given another one by a start: a start proves what is there, or changes nothing and raises.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from database.columns import millis
from database.engine import Database
from database.transaction import Transaction
from vault.custody import store
from vault.custody.seal import Seal
from vault.custody.store import RootRow
from vault.errors import IntegrityError, KeysChangedError, RootKeyError
from vault.keys import Bound
from vault.ports import KeyProvider
from vault.store import lock_keyring

ACTIVE = "active"
ATTEMPTS = 3

Answer = TypeVar("Answer")

_LABEL = b"moat/keyring/v1\x00"
_CHECK = b"moat root key check v1"


class Held(NamedTuple):
    """A wrapped key: the row of its root, its octets, and the context that it was wrapped in."""

    root: int
    wrapped: bytes
    context: bytes


class Roots:
    """Wraps with the root of now and opens with the root of each key. The first provider is the one of a new database.

    Every member that asks a provider raises KeysUnavailableError where that does not answer, and RootKeyError where no provider
    that is given keeps the root; none of them may be called inside a transaction.
    """

    def __init__(
        self,
        database: Database,
        providers: Sequence[KeyProvider],
        now: Callable[[], datetime],
        seal: Seal | None = None,
    ) -> None:
        self._database = database
        self._providers = {provider.name: provider for provider in providers}
        self._first = providers[0]
        self._now = now
        self._known: dict[int, RootRow] = {}
        self.seal = seal or Seal()

    @property
    def configured(self) -> Sequence[str]:
        """Names of the providers at hand."""
        return list(self._providers)

    def open(self) -> None:
        """Prove every root that something needs. A database that knows none takes the first provider's as its own; if that
        has none either, it makes its first.

        Raises:
            RootKeyError: the roots are not those of this database; nothing was changed.
        """
        if not self._database.read(None, lambda tx: tx.all(store.ROOTS)):
            self._adopt()
        self.prove()

    def prove(self) -> None:
        """Make sure that every root which something needs opens its proof.

        Raises:
            RootKeyError: one does not.
        """
        for row in self._database.read(None, lambda tx: tx.all(store.ROOTS_IN_USE)):
            self.prove_one(RootRow(*row))

    def prove_one(self, row: RootRow) -> None:
        """Make sure that one root opens its proof.

        Raises:
            RootKeyError: it does not.
        """
        try:
            proved = self._keeper(row).unwrap(row.root, [(bytes(row.proof), _LABEL)]) == [_CHECK]
        except IntegrityError:
            proved = False
        if not proved:
            raise RootKeyError("other_database", row.provider)

    def wrap(self, keys: Sequence[Bound], keep: Callable[[int, list[bytes]], Answer]) -> Answer:
        """Wrap keys, each in its context, with the active root, and hand that root's row and the wrapped keys to `keep`.

        `keep` begins its transaction with `hold`; where another root became active meanwhile, the keys are wrapped anew.
        """
        for attempt in range(ATTEMPTS):
            row = self._database.read(None, lambda tx: tx.one(store.ACTIVE_ROOT))
            if row is None:
                raise RootKeyError("missing", self._first.name)
            number, provider, root = row
            wrapped = self.provider(provider).wrap(root, keys)
            try:
                return keep(number, wrapped)
            except KeysChangedError:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError

    @staticmethod
    def hold(tx: Transaction, root: int) -> None:
        """Keep the root active until the transaction ends.

        Raises:
            KeysChangedError: it is not active any more.
        """
        if tx.one(store.HOLD_ROOT, id=root) != (ACTIVE,):
            raise KeysChangedError

    def unwrap(self, held: Sequence[Held]) -> list[bytes]:
        """The keys, in order, each opened by its own root.

        Raises:
            IntegrityError: one was not wrapped by its root in its context.
        """
        opened: list[bytes] = [b""] * len(held)
        places: dict[int, list[int]] = {}
        for place, one in enumerate(held):
            places.setdefault(one.root, []).append(place)
        for number, of_root in places.items():
            row = self.row(number)
            wrapped = [(held[place].wrapped, held[place].context) for place in of_root]
            for place, octets in zip(of_root, self._keeper(row).unwrap(row.root, wrapped), strict=True):
                opened[place] = octets
        return opened

    def row(self, number: int) -> RootRow:
        """The root with this number. What it is called and who keeps it never change.

        Raises:
            IntegrityError: there is none.
        """
        if number not in self._known:
            found = self._database.read(None, lambda tx: tx.one(store.ROOT, id=number))
            if found is None:
                raise IntegrityError
            self._known[number] = RootRow(*found)
        return self._known[number]

    def provider(self, name: str) -> KeyProvider:
        """A provider at hand.

        Raises:
            RootKeyError: it was not given.
        """
        try:
            return self._providers[name]
        except KeyError:
            raise RootKeyError("other_provider", name) from None

    def introduce(self, provider: KeyProvider, root: str) -> tuple[str, str, bytes, str, int]:
        """The values of a new row for a root of `provider`, with its proof made."""
        [proof] = provider.wrap(root, [(_CHECK, _LABEL)])
        return provider.name, root, proof, ACTIVE, millis(self._now())

    def close(self) -> None:
        """Let go of the providers' connections."""
        for provider in self._providers.values():
            provider.close()

    def _keeper(self, row: RootRow) -> KeyProvider:
        return self.provider(row.provider)

    def _adopt(self) -> None:
        """Take the first provider's root as this database's own. Where several processes begin together, the first one's stays,
        and a root that was made for nothing is destroyed again."""
        created = None
        try:
            root = self._first.newest()
        except RootKeyError as error:
            if error.cause != "missing":
                raise
            root = created = self._first.create_root()
        values = self.introduce(self._first, root)

        def work(tx: Transaction) -> list[RootRow]:
            lock_keyring(tx)
            known = [RootRow(*row) for row in tx.all(store.ROOTS)]
            if not known:
                tx.insert(store.INSERT_ROOTS, [values])
            return known

        known = self._database.write(None, work)
        if created is not None and known and all(row.root != created for row in known):
            self._first.destroy_root(created)
