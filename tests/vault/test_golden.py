"""Formats that were written once must be read for ever, and the ciphers under them agree with published vectors."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from moat_verifier.certificate import verify_certificate
from moat_verifier.note import VerifierKey as NoteKey
from moat_verifier.policy import Policy
from moat_verifier.report import Report

from audit.checkpoint import VerifierKey
from tests.vectors.make_golden import AT, GOLDEN, LEDGER, MAKERS, SEED
from vault.backup.halves import Half
from vault.backup.manifest import TableShape
from vault.backup.reading import read_half
from vault.certificate import verify
from vault.completion import Rule
from vault.keys import DataKey, KeyEncryptionKey
from vault.ledger_key import LedgerKey
from vault.ledger_line import HEADER_BYTES, LineKind, Position
from vault.providers.file import FileKeyProvider
from vault.shred_ledger import ShredLedger

VECTORS = Path(__file__).parents[1] / "vectors"
KEY = LedgerKey(LEDGER, SEED)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text("utf-8"))


def test_every_golden_file_has_its_maker_and_is_there() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(MAKERS)


@pytest.mark.parametrize("name", ["certificate_v1.txt", "certificate_v2.txt", "keys_v1.json", "shred_ledger_v1.txt"])
def test_formats_without_chance_are_still_written_the_same(name: str) -> None:
    assert MAKERS[name]() == (GOLDEN / name).read_bytes()


def test_the_first_ledger_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "shred.ledger").write_bytes((GOLDEN / "shred_ledger_v1.txt").read_bytes())
    seed = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    (tmp_path / "ledger.key").write_text(f"moat-ledger-key-v1 {LEDGER.hex()} {seed}\n")
    (tmp_path / "ledger.key").chmod(0o600)
    ledger = ShredLedger(tmp_path, tmp_path)
    first = (GOLDEN / "shred_ledger_v1.txt").read_bytes()[:HEADER_BYTES]
    ledger._write_head(KEY, Position(0, sha256(first).digest()))
    ledger.open()
    assert ledger.verify() == 3
    events = [line.event for line in ledger.lines()]
    assert [(e.kind, e.tenant, e.subject, e.version, e.at, e.until, e.code) for e in events] == [
        (LineKind.ERASURE, 1, 70_000, 3, AT, 0, "erasure_request"),
        (LineKind.BACKUP, 0, 0, 0, AT + 1, AT + 2, "keyring"),
        (LineKind.BACKUP, 0, 0, 0, AT + 1, AT + 3, "data"),
    ]


def test_the_first_certificate_still_holds() -> None:
    key = VerifierKey.parse(golden("keys_v1.json")["certificate_vkey"])
    certificate = verify((GOLDEN / "certificate_v1.txt").read_bytes(), [key])
    assert (certificate.subject, certificate.complete, certificate.rule) == (
        "cust-1001",
        "2026-12-02T08:00:00.000Z",
        Rule.COPIES,
    )


def test_the_first_certificate_of_a_request_still_holds() -> None:
    vkey, report = VerifierKey.parse(golden("keys_v1.json")["certificate_vkey"]), Report()
    log = VerifierKey("log.example/moat/1", vkey.kind, vkey.public)
    keys = [NoteKey.parse(str(vkey))]
    verify_certificate((GOLDEN / "certificate_v2.txt").read_bytes(), keys, Policy.of_keys([str(log)]), report)
    assert (report.facts["outcome"], report.facts["erased"], report.facts["index"]) == ("partly_erased", 3, 0)


def test_what_the_first_root_key_file_wrapped_still_unwraps(tmp_path: Path) -> None:
    told = golden("file_provider_v1.json")
    (tmp_path / "root.key").write_text(told["file"])
    (tmp_path / "root.key").chmod(0o600)
    provider = FileKeyProvider(tmp_path)
    bound = [(bytes.fromhex(told["wrapped"]), bytes.fromhex(told["context"]))]
    assert provider.newest() == told["root"]
    assert [key.hex() for key in provider.unwrap(told["root"], bound)] == [told["key"]]


def test_the_first_archive_is_still_read(tmp_path: Path) -> None:
    told, taken = golden("backup_v1.json"), []

    def take(shape: TableShape, rows: list[list[Any]]) -> None:
        taken.append((shape.name, rows))

    (tmp_path / "data.age").write_bytes(bytes.fromhex(told["archive"]))
    found = read_half(tmp_path / "data.age", [told["identity"]], Half.DATA, KEY, take)
    assert (found.rows, found.header.revision, found.header.sequences) == (2, "0008", {"record": 2})
    assert taken == [("record", [[1, b"\0\1\2", None, True, "上海"], [2, b"", 5, False, ""]])]


def vectors(name: str) -> list[list[Any]]:
    return list(json.loads((VECTORS / name).read_text("ascii"))["vectors"])


def test_opening_agrees_with_every_wycheproof_vector_of_aes_gcm() -> None:
    """Of both kinds of keys that open something here."""
    for number, key, nonce, associated, plaintext, ciphertext, tag, result in vectors("wycheproof_aes_gcm.json"):
        octets = bytes.fromhex(key)
        for opener in (DataKey(octets), KeyEncryptionKey(octets, id=1)):
            parts = bytes.fromhex(nonce), bytes.fromhex(ciphertext + tag), bytes.fromhex(associated)
            try:
                opened = opener.aead.decrypt(*parts).hex()
            except InvalidTag:
                opened = None
            assert opened == (plaintext if result == "valid" else None), number
        if result == "valid":
            sealed = DataKey(octets).aead.encrypt(parts[0], bytes.fromhex(plaintext), parts[2])
            assert sealed.hex() == ciphertext + tag, number


def test_the_library_agrees_with_every_wycheproof_vector_of_aes_key_wrap() -> None:
    """Keys are wrapped with AES-GCM here, and with RFC 3394 nowhere; a key store behind a provider may use it."""
    for number, key, plaintext, wrapped, result in vectors("wycheproof_aes_wrap.json"):
        octets = bytes.fromhex(key)
        try:
            opened: str | None = aes_key_unwrap(octets, bytes.fromhex(wrapped)).hex()
        except (InvalidUnwrap, ValueError):
            opened = None
        assert result == "acceptable" or opened == (plaintext if result == "valid" else None), number
        if result == "valid":
            assert aes_key_wrap(octets, bytes.fromhex(plaintext)).hex() == wrapped, number
