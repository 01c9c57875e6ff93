"""The manifest of a package, its signature, and its place in the log.

manifest.json is canonical JSON (keys sorted, no spaces):

    {"created", "issuer", "members": [{"bytes", "name", "sha256"}], "package", "person", "request", "right",
     "schema": "moat-disclosure-package/v1"}

`created` is RFC 3339; `package` and `request` are UUIDs; `person` is the log's pseudonym of the person; `members` are all members
that stand before it in the archive. manifest.sig is a signed note (c2sp.org/signed-note) by the key named issuer "/disclosure":

    "moat-disclosure-package/v1" LF
    issuer LF
    SHA-256 of manifest.json, 64 hexadecimal digits LF

proof/entry.json is the log's entry that says that this package was made: its action is `dsar.package_make` and its `wording` the
same digest. proof/entry.tlog-proof leads from it to a checkpoint of the log (c2sp.org/tlog-proof).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from audit.checkpoint import ED25519, Note, Signature, VerifierKey
from audit.entry import Action, SubjectRef
from audit.errors import AuditError
from audit.ports import Signer
from audit.proof import EntryProof
from dsar.disclosure.errors import CheckError
from dsar.disclosure.zipping import Listed
from dsar.right import Right

SCHEMA = "moat-disclosure-package/v1"
KEY_SUFFIX = "/disclosure"

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
ENTRY = "proof/entry.json"
PROOF = "proof/entry.tlog-proof"
UNLISTED = frozenset({MANIFEST, SIGNATURE, ENTRY, PROOF})
"""What stands behind the manifest and is held by the signature or by the proof."""

_TEXT = re.compile(rf"{SCHEMA}\n([!-*,-~]+)\n([0-9a-f]{{64}})\n", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a package says of itself. `created` is an RFC 3339 text."""

    issuer: str
    package: UUID
    request: UUID
    right: Right
    person: SubjectRef
    created: str

    def octets(self, members: Sequence[Listed]) -> bytes:
        """The octets of manifest.json."""
        fields: dict[str, Any] = {
            "schema": SCHEMA,
            "issuer": self.issuer,
            "package": str(self.package),
            "request": str(self.request),
            "right": self.right.value,
            "person": self.person,
            "created": self.created,
            "members": [{"name": one.name, "bytes": one.length, "sha256": one.digest} for one in members],
        }
        return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def digest_of(manifest: bytes) -> str:
    """The SHA-256 by which the signature and the log know a manifest."""
    return sha256(manifest).hexdigest()


def signed(issuer: str, manifest: bytes, signers: Iterable[Signer]) -> bytes:
    """The octets of manifest.sig."""
    text = f"{SCHEMA}\n{issuer}\n{digest_of(manifest)}\n"
    lines = []
    for signer in signers:
        key = verifier_key(issuer, signer.public)
        lines.append(Signature(key.name, key.key_id, signer.sign(text.encode())))
    return bytes(Note(text, tuple(lines)))


def verifier_key(issuer: str, public: bytes) -> VerifierKey:
    """The key that checks the packages of an issuer."""
    return VerifierKey(issuer + KEY_SUFFIX, ED25519, public)


def check_signature(manifest: bytes, note_octets: bytes, keys: Sequence[VerifierKey]) -> str:
    """Make sure that one of `keys` signed the manifest; the issuer.

    Raises:
        CheckError: `malformed`, `unsigned`, or `other_manifest`.
    """
    try:
        note = Note.parse(note_octets)
    except AuditError:
        raise CheckError("malformed") from None
    for key in keys:
        try:
            key.check(note)
        except AuditError:
            continue
        found = _TEXT.fullmatch(note.text)
        if found is None:
            raise CheckError("malformed")
        if found[2] != digest_of(manifest) or key.name != found[1] + KEY_SUFFIX:
            raise CheckError("other_manifest")
        return found[1]
    raise CheckError("unsigned")


def check_proof(manifest: bytes, entry: bytes, proof: bytes, keys: Sequence[VerifierKey]) -> int:
    """Make sure that a log of one of `keys` holds the entry that says that this package was made; its index.

    Raises:
        CheckError: `other_entry` or `not_in_log`.
    """
    try:
        fields = orjson.loads(entry)
        about = fields["action"], fields["wording"], fields["outcome"]
    except (ValueError, KeyError, TypeError):
        raise CheckError("other_entry") from None
    if about != (Action.PACKAGE_MAKE.value, digest_of(manifest), "done"):
        raise CheckError("other_entry")
    try:
        parsed = EntryProof.parse(proof)
        parsed.check(entry, keys)
    except AuditError:
        raise CheckError("not_in_log") from None
    return parsed.index
