"""Logs as files, written by the service's own tree, tiles and checkpoints over made-up entries, with fixed keys and times."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from nacl.signing import SigningKey

from audit.checkpoint import COSIGNATURE, ED25519, Checkpoint, Note, Signature, VerifierKey, cosigned, sign
from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason, SubjectRef
from audit.merkle import leaf_hash
from audit.tile import ReadTile, TilePath, bundles_between, encode_bundle
from audit.tree import GrowingTree

ORIGIN = "audit.example.com/moat/1"
AT = 1_795_320_000_000
_ACTIONS = (Action.TOKENIZE, Action.DETOKENIZE, Action.SUBJECT_READ, Action.SEARCH)


@dataclass(frozen=True, slots=True)
class Key:
    """An Ed25519 key made of a word."""

    name: str
    word: str = "log"

    @property
    def seed(self) -> bytes:
        return sha256(self.word.encode()).digest()

    def verifier(self, kind: int = ED25519) -> VerifierKey:
        return VerifierKey(self.name, kind, bytes(SigningKey(self.seed).verify_key))

    def cosignature(self, text: str, at: int = AT // 1000) -> Signature:
        """A witness's line over a checkpoint's text."""
        signed = SigningKey(self.seed).sign(cosigned(text, at)).signature
        return Signature(self.name, self.verifier(COSIGNATURE).key_id, at.to_bytes(8, "big") + signed)


LOG = Key(ORIGIN)
EXPORT = Key(f"{ORIGIN}/export", "export")
WITNESS = Key("witness.example.com/w1", "witness")


def entries(count: int, *, salt: str = "") -> list[bytes]:
    """That many entries of whole acts: most of one entry, some of several, some refused."""
    made: list[bytes] = []
    while (number := len(made)) < count:
        parts = 1 if number % 10 else min(3, count - number)
        made += _act(number, parts, salt).entries(
            str(uuid.UUID(bytes=sha256(f"{salt}{number}".encode()).digest()[:16]))
        )
    return made


def _act(number: int, parts: int, salt: str) -> Act:
    denied = Group(Outcome.DENIED, Reason.POLICY, purpose="delivery", kind="phone")
    done = Group(Outcome.DONE, purpose="delivery", view="plain", kind="phone", subjects=[_pseudonym(number, salt)])
    groups = [done if (number + part) % 3 else denied for part in range(parts)]
    actor = Actor(ActorKind.CREDENTIAL, number % 7, "dispatcher")
    request = str(uuid.UUID(int=number))
    return Act(_ACTIONS[number % 4], actor, 1 + number % 2, AT + number * 40, request, groups)


def _pseudonym(number: int, salt: str) -> SubjectRef:
    return SubjectRef("-" + sha256(f"{salt}{number % 50}".encode()).hexdigest()[:21])


@dataclass(frozen=True, slots=True)
class Log:
    """A log in a directory."""

    root: Path
    entries: Sequence[bytes]
    checkpoint: Checkpoint
    note: Note

    @property
    def size(self) -> int:
        return len(self.entries)

    @property
    def read(self) -> ReadTile:
        return lambda tile: (self.root / str(tile)).read_bytes()


def write_log(
    root: Path,
    made: Sequence[bytes],
    *,
    key: Key = LOG,
    cosigners: Sequence[Key] = (WITNESS,),
    origin: str = ORIGIN,
) -> Log:
    """Write a log of these entries: tiles, bundles, and a checkpoint signed by `key` and the witnesses."""
    tree = GrowingTree()
    for tile, octets in tree.append([leaf_hash(entry) for entry in made]):
        _write(root, tile, octets)
    for bundle in bundles_between(0, len(made)):
        first = bundle.number * 256
        _write(root, bundle, encode_bundle(made[first : first + bundle.width]))
    checkpoint = Checkpoint(origin, len(made), tree.root())
    note = Note(checkpoint.text, (sign(checkpoint.text, key.name, key.seed),))
    note = note.with_signatures(cosigner.cosignature(checkpoint.text) for cosigner in cosigners)
    root.mkdir(parents=True, exist_ok=True)
    (root / "checkpoint").write_bytes(bytes(note))
    return Log(root, made, checkpoint, note)


def _write(root: Path, tile: TilePath, octets: bytes) -> None:
    place = root / str(tile)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(octets)
