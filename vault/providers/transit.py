"""Root keys in the transit secrets engine of HashiCorp Vault or OpenBao, over HTTP. They never leave it.

One key of the engine is one deployment's; its versions are the root keys. The id of a root key is

    version ":" the time at which the engine made it, in seconds since 1970

so that a key that was deleted and made anew under the same name is not taken for the one before. A wrapped key is

    u8 0x93 | what the engine's encrypt answered, ASCII: "vault:v" version ":" base64

with the context of the wrapped key given twice, as `associated_data`, which the engine's AES-256-GCM authenticates, and as
`context`, from which it derives the key where that was made with `derived`; keys made here are. The path of each call, with what
it asks and what it answers, is in the documentation of the engine's HTTP API ("Transit secrets engine (API)").

Any number of keys goes in one call (`batch_input`). No redirect is followed, because it would carry the token to a place that
nobody named; a standby that redirects counts as unreachable.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from vault.errors import IntegrityError, KeysUnavailableError, RootKeyError
from vault.keys import Bound
from vault.providers.transit_client import RefusedError, TransitClient

NAME = "transit"
AT_ONCE = 500
"""Keys in one call."""

_OCTET = b"\x93"


class _Versions(NamedTuple):
    """What the engine says of a key: its versions with the time of each, and the oldest that may still open."""

    made: Mapping[int, int]
    oldest: int


class TransitKeyProvider:
    """Wraps with one key of the engine, `mount`/keys/`key`.

    Raises, when it is asked for one:
        KeysUnavailableError: the engine is unreachable or sealed, or denies what the token is used for.
        RootKeyError: it has not the key or the version.
    """

    name = NAME

    def __init__(self, client: TransitClient, *, mount: str, key: str) -> None:
        self._client = client
        self._mount = mount
        self._key = key

    def newest(self) -> str:
        versions = self._versions()
        return _id(max(versions.made), versions)

    def wrap(self, root: str, keys: Sequence[Bound]) -> list[bytes]:
        version = self._require(root)
        items = [{"plaintext": _text(octets), **_bound(context), "key_version": version} for octets, context in keys]
        return [_OCTET + answer["ciphertext"].encode("ascii") for answer in self._batch("encrypt", root, items)]

    def unwrap(self, root: str, wrapped: Sequence[Bound]) -> list[bytes]:
        head = _OCTET + f"vault:v{root.partition(':')[0]}:".encode("ascii")
        if any(not octets.startswith(head) or not octets[1:].isascii() for octets, _ in wrapped):
            raise IntegrityError
        items = [{"ciphertext": octets[1:].decode("ascii"), **_bound(context)} for octets, context in wrapped]
        return [base64.b64decode(answer["plaintext"]) for answer in self._batch("decrypt", root, items)]

    def create_root(self) -> str:
        try:
            self._versions()
        except RootKeyError:
            self._client.post(f"{self._mount}/keys/{self._key}", {"type": "aes256-gcm96", "derived": True})
        else:
            self._client.post(f"{self._mount}/keys/{self._key}/rotate", {})
        return self.newest()

    def destroy_root(self, root: str) -> None:
        """Destroy a version, and with it every one before. The last version goes with the whole key."""
        try:
            versions = self._versions()
        except RootKeyError:
            return
        version = _version(root)
        if version not in versions.made or _id(version, versions) != root:
            return
        path, later = f"{self._mount}/keys/{self._key}", version + 1
        if later in versions.made:
            self._client.post(f"{path}/config", {"min_decryption_version": later, "min_encryption_version": later})
            self._client.post(f"{path}/trim", {"min_available_version": later})
        else:
            self._client.post(f"{path}/config", {"deletion_allowed": True})
            self._client.delete(path)

    def close(self) -> None:
        self._client.close()

    def _versions(self) -> _Versions:
        found = self._client.get(f"{self._mount}/keys/{self._key}")
        if found is None:
            raise RootKeyError("missing", NAME)
        if not found.get("keys"):
            raise KeysUnavailableError("unreachable")
        if found["type"] != "aes256-gcm96" or found["exportable"]:
            raise RootKeyError("extractable" if found["exportable"] else "damaged", NAME)
        made = {int(version): int(at) for version, at in found["keys"].items()}
        return _Versions(made, int(found["min_decryption_version"]))

    def _require(self, root: str) -> int:
        """The version of a root key that is still there. Encrypting with a key that is not would make it anew."""
        versions, version = self._versions(), _version(root)
        if version not in versions.made or _id(version, versions) != root or version < versions.oldest:
            raise RootKeyError("other_database", NAME)
        return version

    def _batch(self, verb: str, root: str, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        for start in range(0, len(items), AT_ONCE):
            body = {"batch_input": items[start : start + AT_ONCE]}
            try:
                answers += self._client.post(f"{self._mount}/{verb}/{self._key}", body).get("batch_results", [])
            except RefusedError:
                self._require(root)
                raise IntegrityError from None
        if len(answers) != len(items):
            raise KeysUnavailableError("unreachable")
        return answers


def _id(version: int, versions: _Versions) -> str:
    return f"{version}:{versions.made[version]}"


def _version(root: str) -> int:
    return int(root.partition(":")[0])


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _bound(context: bytes) -> dict[str, str]:
    return {"context": _text(context), "associated_data": _text(context)}
