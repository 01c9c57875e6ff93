"""A log with its publisher over a test's database, and somebody who acts in it."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from nacl.signing import SigningKey

from audit.checkpoint import ED25519, Checkpoint, VerifierKey, open_checkpoint
from audit.directory import LogDirectory
from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, SubjectRef
from audit.event_id import uuid7
from audit.log import AuditLog
from audit.ports import Anchor, Witnesses
from audit.publisher import Publisher, Step, Surroundings
from audit.tile import TilePath, bundles_between, decode_bundle
from database.columns import millis
from database.engine import Database
from tests.support.clock import Clock

ORIGIN = "log.example/moat"
TENANT = 1
ALICE = SubjectRef("A" * 22)


class Keys:
    """The log's keys without a vault; the newest first."""

    def __init__(self, *seeds: int) -> None:
        self.keys = [SigningKey(bytes([seed]) * 32) for seed in seeds or (1,)]

    def signers(self) -> Sequence["Keys.One"]:
        return [Keys.One(key) for key in self.keys[:2]]

    def publics(self) -> Sequence[bytes]:
        return [bytes(key.verify_key) for key in self.keys]

    class One:
        def __init__(self, key: SigningKey) -> None:
            self._key = key

        @property
        def public(self) -> bytes:
            return bytes(self._key.verify_key)

        def sign(self, message: bytes) -> bytes:
            return self._key.sign(message).signature


class Log:
    """One host's part of a deployment's log."""

    def __init__(self, database: Database, directory: Path, clock: Clock, keys: Keys | None = None) -> None:
        self.database = database
        self.directory = LogDirectory(directory)
        self.clock = clock
        self.keys = keys or Keys()
        self.log = AuditLog()
        self._numbers = itertools.count(1)

    def publisher(
        self,
        *,
        anchors: Sequence[Anchor] = (),
        witnesses: Witnesses | None = None,
        reached: Callable[[Step], None] = lambda _: None,
    ) -> Publisher:
        """A publisher as a process would start it."""
        return Publisher(
            Surroundings(
                database=self.database,
                directory=LogDirectory(self.directory.root),
                keys=self.keys,
                origin=ORIGIN,
                now=self.clock,
                anchors=anchors,
                witnesses=witnesses,
                reached=reached,
            )
        )

    def act(self, count: int = 1, *, tenant: int = TENANT, action: Action = Action.DETOKENIZE) -> None:
        """Leave `count` entries, each an act of its own about a subject of its own number."""
        at = millis(self.clock())

        def work(tx: Any) -> None:
            for _ in range(count):
                number = next(self._numbers)
                group = Group(Outcome.DONE, subjects=[SubjectRef(f"{number:022d}")], rows=[number])
                self.log.append(
                    tx, Act(action, Actor(ActorKind.CREDENTIAL, 7, "service"), tenant, at, str(uuid7(at)), [group])
                )

        self.database.write(tenant, work)

    def publish(self) -> Checkpoint:
        """Publish all there is by a publisher of its own."""
        publisher = self.publisher()
        try:
            while publisher.run_once():
                pass
        finally:
            publisher.close()
        return self.published()

    def published(self, log: int = 1) -> Checkpoint:
        """The published checkpoint, its signature checked."""
        octets = self.directory.files(log).checkpoint()
        assert octets is not None
        origin = octets.decode().split("\n")[0]
        checkpoint, _ = open_checkpoint(octets, [VerifierKey(origin, ED25519, one) for one in self.keys.publics()])
        return checkpoint

    def bodies(self, log: int = 1) -> list[bytes]:
        """Every published entry, from the bundles."""
        files = self.directory.files(log)
        paths: list[TilePath] = list(bundles_between(0, self.published(log).size))
        return [entry for path in paths for entry in decode_bundle(files.read(path), path.width)]

    def entries(self, log: int = 1) -> list[dict[str, Any]]:
        """The same, read."""
        return [orjson.loads(body) for body in self.bodies(log)]
