"""The transit engine of the stand-in: its keys, and what can be done with them, with the engines' own words for what cannot."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Body = dict[str, Any]
Answer = tuple[int, Body | None]


class ItemError(Exception):
    """What is wrong with one item of a batch, in the engine's words."""


@dataclass
class Key:
    """A key of the engine with its versions."""

    name: str
    derived: bool
    exportable: bool = False
    versions: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    min_decryption: int = 1
    min_encryption: int = 0
    deletion_allowed: bool = False

    def described(self) -> Body:
        return {
            "name": self.name,
            "type": "aes256-gcm96",
            "derived": self.derived,
            "exportable": self.exportable,
            "deletion_allowed": self.deletion_allowed,
            "keys": {str(version): made for version, (_, made) in self.versions.items()},
            "latest_version": max(self.versions),
            "min_decryption_version": self.min_decryption,
            "min_encryption_version": self.min_encryption,
            "min_available_version": min(self.versions),
            "supports_encryption": True,
        }

    def encrypt(self, item: Body) -> Body:
        version = int(item.get("key_version") or max(self.versions))
        if version not in self.versions or version < self.min_encryption:
            raise ItemError("requested version for encryption is higher than the latest key version")
        nonce = secrets.token_bytes(12)
        cipher, data = self._cipher(version, item), _decoded(item.get("associated_data", ""))
        sealed = nonce + cipher.encrypt(nonce, _decoded(item.get("plaintext", "")), data)
        return {"ciphertext": f"vault:v{version}:{_encoded(sealed)}", "key_version": version}

    def decrypt(self, item: Body) -> Body:
        prefix, _, text = str(item.get("ciphertext", "")).removeprefix("vault:v").partition(":")
        if not prefix.isdecimal() or not str(item.get("ciphertext", "")).startswith("vault:v"):
            raise ItemError("invalid ciphertext: no prefix")
        version = int(prefix)
        if version < self.min_decryption:
            raise ItemError("ciphertext or signature version is disallowed by policy (too old)")
        if version not in self.versions:
            raise ItemError("invalid ciphertext: version is too new")
        try:
            sealed, data = _decoded(text), _decoded(item.get("associated_data", ""))
            return {"plaintext": _encoded(self._cipher(version, item).decrypt(sealed[:12], sealed[12:], data))}
        except (InvalidTag, ValueError):
            raise ItemError("cipher: message authentication failed") from None

    def _cipher(self, version: int, item: Body) -> AESGCM:
        root, context = self.versions[version][0], _decoded(item.get("context", ""))
        if self.derived and not context:
            raise ItemError("missing 'context' for key derivation; the key was created using a derived key")
        return AESGCM(HKDF(SHA256(), 32, None, context).derive(root) if self.derived else root)


class Engine:
    """The keys by their names. `now` is the time in seconds since 1970."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.keys: dict[str, Key] = {}
        self._now = now

    def answer(self, method: str, parts: list[str], body: Body) -> Answer:
        """What the API answers below the engine's mount."""
        verb, name, *rest = parts
        if verb in {"encrypt", "decrypt"}:
            return self._use(verb, name, body)
        if not rest:
            return self._key(method, name, body)
        key = self.keys.get(name)
        if key is None:
            return _refused(f"no existing key named {name} could be found")
        if rest == ["rotate"]:
            return self._rotate(key)
        return _configure(key, body) if rest == ["config"] else _trim(key, int(body.get("min_available_version", 0)))

    def _key(self, method: str, name: str, body: Body) -> Answer:
        if method == "POST" and name not in self.keys:
            self.keys[name] = Key(name, bool(body.get("derived")), bool(body.get("exportable")))
            self._rotate(self.keys[name])
        key = self.keys.get(name)
        if method == "DELETE" and (key is None or not key.deletion_allowed):
            return _refused(f"error deleting policy {name}: deletion is not allowed for this policy")
        if method == "DELETE":
            del self.keys[name]
            return 204, None
        return (404, {"errors": []}) if key is None else (200, {"data": key.described()})

    def _rotate(self, key: Key) -> Answer:
        key.versions[max(key.versions, default=0) + 1] = (secrets.token_bytes(32), int(self._now()))
        return 200, {"data": key.described()}

    def _use(self, verb: str, name: str, body: Body) -> Answer:
        items = body.get("batch_input") or [body]
        if len({bool(item.get("context")) for item in items}) > 1:
            return _refused("context should be set either in all the request blocks or in none")
        if name not in self.keys:
            if verb == "decrypt":
                return _refused("encryption key not found")
            self.keys[name] = Key(name, bool(items[0].get("context")))  # as the engines do it, to whoever may create
            self._rotate(self.keys[name])
        key = self.keys[name]
        results: list[Body] = []
        for item in items:
            try:
                results.append(key.encrypt(item) if verb == "encrypt" else key.decrypt(item))
            except ItemError as error:
                results.append({"error": str(error)})
        wrong = [result["error"] for result in results if "error" in result]
        if "batch_input" in body:
            return (400 if wrong else 200), {"data": {"batch_results": results}}
        return (400, {"errors": wrong}) if wrong else (200, {"data": results[0]})


def _configure(key: Key, body: Body) -> Answer:
    oldest, newest = int(body.get("min_decryption_version", key.min_decryption)), max(key.versions)
    if oldest > newest or int(body.get("min_encryption_version", 0)) > newest:
        return _refused(f"cannot set min version of {oldest}, latest key version is {newest}")
    key.min_decryption = oldest
    key.min_encryption = int(body.get("min_encryption_version", key.min_encryption))
    key.deletion_allowed = bool(body.get("deletion_allowed", key.deletion_allowed))
    return 200, {"data": key.described()}


def _trim(key: Key, oldest: int) -> Answer:
    if key.min_encryption == 0:
        return _refused("minimum available version cannot be set when minimum encryption version is not set")
    if oldest > key.min_encryption or oldest > key.min_decryption:
        return _refused("minimum available version cannot be greater than minmum encryption version")
    key.versions = {version: made for version, made in key.versions.items() if version >= oldest}
    return 200, {"data": key.described()}


def _decoded(text: str) -> bytes:
    return base64.b64decode(text)


def _encoded(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _refused(words: str) -> Answer:
    return 400, {"errors": [words]}
