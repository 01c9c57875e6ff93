"""An independent key that vouches for one history of each log: c2sp.org/tlog-witness and c2sp.org/tlog-cosignature.

It checks by the verifier's code, not by the log's, so that a fault in the log's own tree does not vouch for itself. Before a
checkpoint is signed,

    1. its origin is one that the operator named                                        else 404
    2. a key of that log signed it, and no line of such a key is wrong                  else 403
    3. the older size is not above its size                                             else 400
    4. the older size is that of the checkpoint signed last                             else 409, with that size
    5. it begins with that checkpoint: by the proof, and by its root for the same size  else 422
    6. it is kept, durably. Between 4 and here nobody else can decide about this log.

So no two cosignatures of the key, whatever is asked at once and whenever the process dies, are for histories that differ.
"""

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from moat_verifier.checkpoint import Checkpoint
from moat_verifier.errors import TamperedError
from moat_verifier.merkle import EMPTY_ROOT, HASH_BYTES, consistency_holds
from moat_verifier.note import VerifierKey as LogKey
from moat_verifier.note import strict_base64
from nacl.signing import SigningKey

from audit.checkpoint import COSIGNATURE, KEY_BYTES, Signature, VerifierKey, cosigned, is_name
from audit.errors import MalformedError
from audit.witness_state import WitnessState

BODY_BYTES_AT_MOST = 256 * 1024
HASHES_AT_MOST = 63
SIZE_TYPE = "text/x.tlog.size"
TEXT = "text/plain; charset=utf-8"

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)
_SECRET = "PRIVATE+KEY+"  # noqa: S105 - how the file of a signing key begins, as in golang.org/x/mod/sumdb/note


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answers: an HTTP status, a media type and a body."""

    status: int
    body: bytes = b""
    media_type: str = TEXT


class WitnessKey:
    """The witness's own key. It cannot be printed; `str(verifier)` is what others pin."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.verifier = VerifierKey(name, COSIGNATURE, bytes(self._key.verify_key))

    @classmethod
    def parse(cls, text: str) -> "WitnessKey":
        """Read a key as `written` gives it.

        Raises:
            MalformedError: it is none.
        """
        name, parted, rest = text.strip().removeprefix(_SECRET).partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            material = strict_base64(encoded)
        except ValueError:
            raise MalformedError("not a witness's key") from None
        if not parted or not is_name(name) or len(material) != 1 + KEY_BYTES or material[0] != COSIGNATURE:
            raise MalformedError("not a witness's key")
        key = cls(name, material[1:])
        if key.verifier.key_id.hex() != key_id:
            raise MalformedError("the key id is not that of the key")
        return key

    def written(self) -> str:
        """The secret key as one line for a file: "PRIVATE+KEY+" name "+" key id "+" base64(0x04 | seed)."""
        material = base64.b64encode(bytes([COSIGNATURE]) + bytes(self._key)).decode()
        return f"{_SECRET}{self.verifier.name}+{self.verifier.key_id.hex()}+{material}\n"

    def cosign(self, text: str, at: int) -> Signature:
        """The cosignature of a checkpoint's text at a time in seconds since the epoch."""
        signed = self._key.sign(cosigned(text, at)).signature
        return Signature(self.verifier.name, self.verifier.key_id, at.to_bytes(8, "big") + signed)


@dataclass(frozen=True, slots=True)
class _Asked:
    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


class Witness:
    """Cosigns checkpoints of the logs whose keys it was given. Calls may come at once, in several processes."""

    def __init__(
        self, *, key: WitnessKey, logs: Iterable[LogKey], state: WitnessState, now: Callable[[], datetime]
    ) -> None:
        self._key = key
        self._logs: dict[str, list[LogKey]] = {}
        for log in logs:
            self._logs.setdefault(log.name, []).append(log)
        self._state = state
        self._now = now

    def add_checkpoint(self, body: bytes) -> Reply:
        """Cosign the checkpoint of a request, or say why not.

        Raises:
            OSError: it cannot be kept; nothing was signed.
        """
        try:
            asked = _parsed(body)
        except (ValueError, TamperedError):
            return Reply(400)
        checkpoint = asked.checkpoint
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            return Reply(404)
        try:
            signers = checkpoint.note.signers(keys, where="checkpoint")
        except TamperedError:
            signers = []
        if not signers:
            return Reply(403)
        if asked.old > checkpoint.size:
            return Reply(400)
        return self._decide(asked, {(key.name, key.key_id) for key in signers})

    def _decide(self, asked: _Asked, signed_by: set[tuple[str, bytes]]) -> Reply:
        """Steps 4 to 6."""
        checkpoint = asked.checkpoint
        with self._state.exclusive(checkpoint.origin) as held:
            raw = held.latest()
            latest = None if raw is None else Checkpoint.parse(raw, where="state")
            size, root = (0, EMPTY_ROOT) if latest is None else (latest.size, latest.root)
            if asked.old != size:
                return Reply(409, b"%d\n" % size, SIZE_TYPE)
            if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
                return Reply(422)
            if not consistency_holds(
                old=size, new=checkpoint.size, old_root=root, new_root=checkpoint.root, proof=asked.proof
            ):
                return Reply(422)
            text = checkpoint.note.text.decode()
            line = self._key.cosign(text, int(self._now().timestamp())).line()
            of_the_log = [
                Signature(one.name, one.key_id, one.signature).line()
                for one in checkpoint.note.signatures
                if (one.name, one.key_id) in signed_by
            ]
            held.replace("".join([text, "\n", *of_the_log, line]).encode())
        return Reply(200, line.encode())

    def checkpoint(self, origin_hash: str) -> Reply:
        """The checkpoint signed last of the log whose origin has this SHA-256, in hexadecimal."""
        raw = self._state.read(origin_hash)
        return Reply(404) if raw is None else Reply(200, raw)


def _parsed(body: bytes) -> _Asked:
    head, parted, note = body.partition(b"\n\n")
    lines = head.decode("ascii").split("\n")
    found = _OLD.fullmatch(lines[0])
    if not parted or found is None or len(lines) > 1 + HASHES_AT_MOST:
        raise ValueError("malformed")
    proof = tuple(strict_base64(line) for line in lines[1:])
    if any(len(one) != HASH_BYTES for one in proof):
        raise ValueError("malformed")
    return _Asked(int(found[1]), proof, Checkpoint.parse(note, where="checkpoint"))
