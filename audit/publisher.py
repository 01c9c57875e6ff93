"""The publisher: committed entries get their index, the tree grows, and a signed checkpoint says so to the world.

    1. lease      one process numbers, by a row with a fence; on each host one process writes the files, by a lock
    2. prove      before anything is numbered: the tree is consistent, by root, with every checkpoint outside the database
    3. gather     all committed entries without an index
    4. number     indexes and the head's size, in one transaction that matches the fence
    5. write      tiles and bundles, durable
    6. store      the signed checkpoint, in the database
    7. publish    witnesses cosign it, the file `checkpoint` is replaced, anchors keep it
    8. index      who is named by which entry, for the access logs of persons

Killed between any two of them, the next run goes on from what is durable: the numbered entries say what the files must hold, and
the stored checkpoint what must be published. Files never lead the numbering, and a published checkpoint never leads the stored
one: one that does was made by a later state of the database than this one, and nothing is numbered.

Where another process holds the lease, this one brings its host's files up to the checkpoint that was stored last, and publishes
that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from audit.access_log import SubjectIndex
from audit.checkpoint import ED25519, Checkpoint, Note, Signature, VerifierKey, open_checkpoint
from audit.directory import LogDirectory
from audit.errors import AuditError, RefusedError
from audit.merkle import EMPTY_ROOT, leaf_hashes
from audit.numbering import FencedError, Gathered, Head, Numbering
from audit.origin import first_origin, successor
from audit.ports import Anchor, LogKeys, Witnesses
from audit.replica import NumberedEntries, Replica
from audit.store import HEAD, LATEST_CHECKPOINT
from database.columns import millis
from database.engine import Database

AT_ONCE = 4_096
"""How many entries a checkpoint adds at the most."""

RENEW_MS = 4_000
REACH_BACK = 10_000
"""How far the search for entries may reach back over numbered ids before the head is moved for that alone."""


class Step(StrEnum):
    """Where a publisher can be stopped. A drill kills it at each."""

    LEASED = "leased"
    GATHERED = "gathered"
    NUMBERED = "numbered"
    WRITTEN = "written"
    SIGNED = "signed"
    STORED = "stored"
    COSIGNED = "cosigned"
    PUBLISHED = "published"
    MARKED = "marked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a publisher works with. `origin` is the base of the
    logs' names, for a deployment that has none yet; `reached` is told of every step."""

    database: Database
    directory: LogDirectory
    keys: LogKeys
    origin: str
    now: Callable[[], datetime]
    anchors: Sequence[Anchor] = ()
    witnesses: Witnesses | None = None
    reached: Callable[[Step], None] = field(default=lambda _: None)


@dataclass(slots=True)
class _Stored:
    """The newest stored checkpoint of a log, its note, and whether that has the witnesses' lines already."""

    checkpoint: Checkpoint
    note: Note | None = None
    published: bool = False


class Publisher:
    """One process's part in publishing. `run_once` is called about every second, by one thread."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._numbering: Numbering | None = None
        self._head: Head | None = None
        self._replica: Replica | None = None
        self._stored: _Stored | None = None
        self._renewed_at = 0
        self._published_size = -1

    def run_once(self) -> bool:
        """Do what is to be done now; whether more is waiting.

        Raises:
            RefusedError: nothing is numbered, for a reason that an operator must look at.
            AuditError: the log's files or a witness stand in the way.
            OSError: an anchor or the disk does.
        """
        if not self._around.directory.seize():
            return False
        try:
            return self._lead() if self._leads() else self._follow()
        except FencedError:
            self._forget()
            return True
        except BaseException:
            self._forget()
            raise

    def close(self) -> None:
        """Let another process take over at once."""
        if self._numbering is not None:
            self._numbering.release()
        self._forget()
        self._around.directory.release()

    def _forget(self) -> None:
        if self._numbering is not None:
            self._numbering.drop()
        self._head = self._replica = self._stored = None
        self._published_size = -1

    def _leads(self) -> bool:
        """Step 1."""
        at = millis(self._around.now())
        if self._numbering is None:
            self._numbering = Numbering(self._around.database, self._around.directory.holder())
            self._numbering.open(first_origin(self._around.origin), at)
        if not self._numbering.holds:
            self._forget()
            self._head = self._numbering.acquire(at)
            self._renewed_at = at
            if self._head is not None:
                self._around.reached(Step.LEASED)
        elif at - self._renewed_at > RENEW_MS:
            self._numbering.keep(at)
            self._renewed_at = at
        return self._head is not None

    def _lead(self) -> bool:
        numbering, head = self._numbering, self._head
        assert numbering is not None
        assert head is not None
        if self._replica is None:
            self._open(head)
        replica = self._replica
        assert replica is not None
        replica.grow_to(head.size, NumberedEntries(self._around.database, head.log))
        gathered = numbering.gather(AT_ONCE)
        self._around.reached(Step.GATHERED)
        _refuse_changed(gathered)
        bodies = gathered.bodies
        if bodies or gathered.settled > head.settled + REACH_BACK:
            head = self._head = numbering.number(head, gathered, millis(self._around.now()))
            self._around.reached(Step.NUMBERED)
            replica.grow(bodies, gathered.leaves)
            self._around.reached(Step.WRITTEN)
        self._sign(numbering, head, replica)
        self._publish(replica, lambda note: numbering.mark_published(head, note), bodies)
        return len(bodies) >= AT_ONCE

    def _open(self, head: Head) -> None:
        """Step 2, and the files as they were at the stored checkpoint."""
        self._refuse_successor(head)
        stored = self._latest(head.log, head.origin)
        outside = list(self._outside(head))
        for where, checkpoint in outside:
            if checkpoint.size > stored.checkpoint.size:
                raise RefusedError(
                    f"{where} remembers a checkpoint of {checkpoint.size} entries, and the database one of "
                    f"{stored.checkpoint.size}: the database was restored to an older state. Bring the newer one back, or "
                    "continue in a new log by moat audit restart"
                )
        files = self._around.directory.files(head.log)
        replica = Replica.open(files, stored.checkpoint, NumberedEntries(self._around.database, head.log))
        for where, checkpoint in outside:
            if not replica.begins_with(checkpoint):
                raise RefusedError(
                    f"{where} remembers a checkpoint of {checkpoint.size} entries with another root: the database holds another "
                    "history. Bring the right one back, or continue in a new log by moat audit restart"
                )
        self._replica, self._stored = replica, stored

    def _refuse_successor(self, head: Head) -> None:
        """Raises RefusedError if somebody knows a log that was opened after the database's."""
        later = successor(head.origin)
        known = [anchor.name for anchor in self._around.anchors if anchor.checkpoints(later)]
        if (self._around.directory.latest() or 0) > head.log:
            known.append(str(self._around.directory.root))
        if known:
            raise RefusedError(
                f"{known[0]} knows a later log than the database, whose last one is {head.origin}: the database was restored to "
                "an older state. Bring the newer one back, or continue in a new log by moat audit restart"
            )

    def _outside(self, head: Head) -> Sequence[tuple[str, Checkpoint]]:
        """Every checkpoint of the log that is known outside the database, and where."""
        files = self._around.directory.files(head.log)
        published = files.checkpoint()
        found = [] if published is None else [(f"{files.root}/checkpoint", published)]
        for anchor in self._around.anchors:
            found += [(anchor.name, note) for note in anchor.checkpoints(head.origin)]
        keys = self._verifiers(head.origin)
        opened = []
        for where, octets in found:
            try:
                checkpoint, _ = open_checkpoint(octets, keys)
            except AuditError as error:
                raise RefusedError(
                    f"{where} holds a checkpoint that this deployment's keys did not sign: {error}"
                ) from None
            if checkpoint.origin != head.origin:
                raise RefusedError(f"{where} holds a checkpoint of another log")
            opened.append((where, checkpoint))
        return opened

    def _latest(self, log: int, origin: str) -> _Stored:
        row = self._around.database.read(None, lambda tx: tx.one(LATEST_CHECKPOINT, log=log))
        if row is None:
            return _Stored(Checkpoint(origin, 0, EMPTY_ROOT))
        try:
            checkpoint, note = open_checkpoint(bytes(row[2] or row[1]), self._verifiers(origin))
        except AuditError as error:
            raise RefusedError(f"the stored checkpoint was not signed by this deployment's keys: {error}") from None
        if (checkpoint.origin, checkpoint.size) != (origin, row[0]):
            raise RefusedError("the stored checkpoint is not that of its row")
        return _Stored(checkpoint, note, published=row[2] is not None)

    def _sign(self, numbering: Numbering, head: Head, replica: Replica) -> None:
        """Step 6."""
        assert self._stored is not None
        if head.size == self._stored.checkpoint.size:
            return
        checkpoint = Checkpoint(head.origin, head.size, replica.tree.root())
        note = Note(checkpoint.text, tuple(self._signatures(checkpoint)))
        self._around.reached(Step.SIGNED)
        numbering.store_checkpoint(head, bytes(note), millis(self._around.now()))
        self._around.reached(Step.STORED)
        self._stored = _Stored(checkpoint, note)

    def _publish(self, replica: Replica, mark: Callable[[bytes], None] | None, latest: Sequence[bytes] = ()) -> None:
        """Steps 7 and 8."""
        stored = self._stored
        if stored is None or stored.note is None or stored.checkpoint.size == self._published_size:
            return
        note = stored.note
        if self._around.witnesses is not None and mark is not None:
            note = note.with_signatures(self._around.witnesses.cosign(stored.checkpoint, note, replica.consistency))
            self._around.reached(Step.COSIGNED)
            mark(bytes(note))
            self._around.reached(Step.MARKED)
        replica.files.publish(bytes(note))
        self._published_size = stored.checkpoint.size
        self._around.reached(Step.PUBLISHED)
        for anchor in self._around.anchors:
            anchor.keep(bytes(note))
        SubjectIndex(replica.files).extend(stored.checkpoint.size, latest)

    def _follow(self) -> bool:
        """Bring this host's files up to what another process has published."""
        row = self._around.database.read(None, lambda tx: tx.one(HEAD))
        if row is None:
            return False
        head = Head(*row)
        if self._replica is None or self._stored is None or self._stored.checkpoint.origin != head.origin:
            self._open(head)
        replica = self._replica
        assert replica is not None
        stored = self._latest(head.log, head.origin)
        if self._around.witnesses is not None and not stored.published:
            return False
        self._stored = stored
        replica.grow_to(stored.checkpoint.size, NumberedEntries(self._around.database, head.log))
        if replica.tree.root() != stored.checkpoint.root:
            raise RefusedError("the numbered entries do not have the root of the stored checkpoint")
        self._publish(replica, None)
        return False

    def _verifiers(self, origin: str) -> list[VerifierKey]:
        return [VerifierKey(origin, ED25519, public) for public in self._around.keys.publics()]

    def _signatures(self, checkpoint: Checkpoint) -> Sequence[Signature]:
        return [
            Signature(
                checkpoint.origin,
                VerifierKey(checkpoint.origin, ED25519, signer.public).key_id,
                signer.sign(checkpoint.text.encode()),
            )
            for signer in self._around.keys.signers()
        ]


def _refuse_changed(gathered: Gathered) -> None:
    """Raises RefusedError if an entry is not what it was when it was written."""
    for entry, leaf, hashed in zip(gathered.ids, gathered.leaves, leaf_hashes(gathered.bodies), strict=True):
        if leaf != hashed:
            raise RefusedError(f"row {entry} of audit_entry was changed after it was written: its leaf is not its hash")
