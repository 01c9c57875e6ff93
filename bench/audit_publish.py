"""How fast the publisher takes committed entries into the log: numbered, hashed, in tiles, signed and published, all durable.

The entries are there before the clock starts, as a backlog. The yardstick is a straight-line script of the same irreducible
steps: leaf and node hashes over the same bytes, and the same number of files written, synced and renamed, per 4,096 entries.
"""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from nacl.signing import SigningKey
from sqlalchemy.engine import make_url

from audit.directory import LogDirectory
from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from audit.publisher import AT_ONCE, Publisher, Surroundings
from bench.figure import Figure, alternate
from bench.plan import Sizes
from database.engine import Database
from database.transaction import Transaction
from migrations.schema import migrate

GOAL_PER_SECOND = 50_000
"""performance.md, "audit publish": entries a second, fsync included."""

BATCHES = {True: 4, False: 12}
_FIRST_MS = 1_793_600_000_000
_ENTRY = b"x" * 320


class _Key:
    """A signing key of the log that lies in no vault."""

    def __init__(self) -> None:
        self._key = SigningKey.generate()

    @property
    def public(self) -> bytes:
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message).signature

    def signers(self) -> list["_Key"]:
        return [self]

    def publics(self) -> list[bytes]:
        return [self.public]


def audit_publish(backend: str, sizes: Sizes, make: Callable[[], str]) -> Iterator[Figure]:
    """The figure on one database; `make` gives the address of a new one for each round."""
    entries = AT_ONCE * BATCHES[sizes.rounds <= 3]
    with tempfile.TemporaryDirectory(prefix="moat-publish-") as named:
        numbers = itertools.count()
        compared = alternate(
            lambda: _ours(make(), Path(named, f"log{next(numbers)}"), entries),
            lambda: _floor(Path(named, f"floor{next(numbers)}"), entries),
            sizes.rounds,
        )
    yield Figure(
        name="audit_publish",
        backend=backend,
        value=compared.ours,
        unit="entries/s",
        yardstick=f"{GOAL_PER_SECOND:,} entries/s",
        ratio=compared.ours / GOAL_PER_SECOND,
        goal=1.0,
    )
    yield Figure(
        name="audit_publish",
        backend=backend,
        value=compared.yardstick,
        unit="entries/s",
        yardstick="floor: hashes and synced files",
        ratio=compared.ratio,
    )


def _ours(address: str, directory: Path, entries: int) -> float:
    """Entries a second over a backlog."""
    migrate(make_url(address))
    database = Database(address, pool_size=4)
    for start in range(0, entries, AT_ONCE):
        database.write(1, lambda tx, first=start: _append(tx, first, AT_ONCE))  # type: ignore[misc]  # a bound default
    key = _Key()
    publisher = Publisher(
        Surroundings(
            database=database,
            directory=LogDirectory(directory),
            keys=key,
            origin="bench",
            now=lambda: datetime.now(UTC),
        )
    )
    began = perf_counter()
    while publisher.run_once():
        pass
    spent = perf_counter() - began
    publisher.close()
    database.dispose()
    return entries / spent


def _append(tx: Transaction, first: int, count: int) -> None:
    log, actor = AuditLog(), Actor(ActorKind.CREDENTIAL, 1, "service")
    for number in range(first, first + count):
        at = _FIRST_MS + number
        subject = SubjectRef(sha256(number.to_bytes(8, "big")).hexdigest()[:22])
        group = Group(Outcome.DONE, purpose="delivery", view="plain", kind="phone", subjects=[subject], rows=[number])
        log.append(tx, Act(Action.DETOKENIZE, actor, 1, at, str(uuid7(at)), [group]))


def _floor(directory: Path, entries: int) -> float:
    """The same hashes and as many synced files of the same size, and nothing else."""
    directory.mkdir()
    began = perf_counter()
    for start in range(0, entries, AT_ONCE):
        for number in range(start // 256, (start + AT_ONCE) // 256):
            level = [sha256(b"\x00" + _ENTRY).digest() for _ in range(256)]
            _write(directory / f"bundle{number}", b"\x01\x40" * 256 + _ENTRY * 256)
            _write(directory / f"tile{number}", b"".join(level))
            while len(level) > 1:
                level = [sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=True)]
        _write(directory / f"upper{start}", b"x" * 512)
        _write(directory / "checkpoint", b"x" * 200)
        handle = os.open(directory, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return entries / (perf_counter() - began)


def _write(path: Path, octets: bytes) -> None:
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
