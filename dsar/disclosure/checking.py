"""Checking an opened package without the service: that it holds what was signed, and that the log says it was made."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from audit.checkpoint import VerifierKey
from dsar.disclosure.errors import CheckError
from dsar.disclosure.manifest import ENTRY, MANIFEST, PROOF, SCHEMA, SIGNATURE, UNLISTED, check_proof, check_signature

SMALL_BYTES = 4 * 1024 * 1024
"""More than a manifest, a note, an entry or a proof ever has."""
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found to be so: who issued the package, what it answers, when it was made, and which entry of the log says so."""

    issuer: str
    package: str
    request: str
    right: str
    created: str
    members: int
    index: int


def check(path: Path, keys: Sequence[VerifierKey], log_keys: Sequence[VerifierKey]) -> Checked:
    """Check the archive that came out of a package, by the keys of its issuer and of the issuer's log, in constant memory.

    Raises:
        CheckError: `not_an_archive`, `incomplete`, `malformed`, `unsigned`, `other_manifest`, `other_entry`, `not_in_log`,
            `not_listed` where there is a member that the manifest does not name, or `changed` where one is not the one that was
            signed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(archive, keys, log_keys)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError):
        raise CheckError("not_an_archive") from None


def _checked(archive: zipfile.ZipFile, keys: Sequence[VerifierKey], log_keys: Sequence[VerifierKey]) -> Checked:
    manifest, note, entry, proof = (_small(archive, name) for name in (MANIFEST, SIGNATURE, ENTRY, PROOF))
    issuer = check_signature(manifest, note, keys)
    index = check_proof(manifest, entry, proof, log_keys)
    fields = _fields(manifest, issuer)
    named = {one["name"]: (one["bytes"], one["sha256"]) for one in fields["members"]}
    present = [info.filename for info in archive.infolist() if info.filename not in UNLISTED]
    if sorted(present) != sorted(named):
        raise CheckError("not_listed")
    for name, expected in named.items():
        if _digest(archive, name) != expected:
            raise CheckError("changed")
    return Checked(
        issuer=issuer,
        package=fields["package"],
        request=fields["request"],
        right=fields["right"],
        created=fields["created"],
        members=len(named),
        index=index,
    )


def _fields(manifest: bytes, issuer: str) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads(manifest)
    if fields["schema"] != SCHEMA or fields["issuer"] != issuer:
        raise CheckError("malformed")
    return fields


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise CheckError("incomplete") from None
    if info.file_size > SMALL_BYTES:
        raise CheckError("malformed")
    with archive.open(info) as member:
        return member.read(SMALL_BYTES + 1)


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[int, str]:
    digest, length = sha256(), 0
    with archive.open(name) as member:
        while chunk := member.read(_CHUNK_BYTES):
            digest.update(chunk)
            length += len(chunk)
    return length, digest.hexdigest()
