"""Checkpoints and signed notes, by the worked example of every octet."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from audit.checkpoint import COSIGNATURE, ED25519, Checkpoint, Note, Signature, VerifierKey, open_checkpoint, sign
from audit.errors import MalformedError, SignatureError
from audit.merkle import EMPTY_ROOT, check_inclusion, leaf_hash
from audit.proof import EntryProof
from audit.tile import encode_bundle

ORIGIN = "audit.example.com/privacy-toolkit"
SEED = sha256(b"privacy-toolkit worked example key v1").digest()
VKEY = f"{ORIGIN}+4384a36b+AdWeGnH621JAd7vpMhnScozufnu0Zm3dr3uEBmG5+zBh"
WITNESS_VKEY = "witness.example.com/w1+58947283+BLOskxhHdgoTJGPmWc0wm3fRFfXE/y0IeJc6b5JxAf/d"
ENTRY = (
    b'{"actor":"svc:orders","id":"evt-00000000","op":"vault.token.create","out":"deny",'
    b'"subj":"RdkSoFzyAegEl2JrMOAxVg","t":"2026-11-22T04:00:00.000Z","v":1}'
)
FILE = f"""{ORIGIN}
30
d9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI=

— {ORIGIN} Q4Sja/bXXGgZyb/88ZP6I8uKc4TiiONIrGYlSkB3r8yPQCKI+xq5qEr6WGC/hByk/nBEBZZYv7vfuEpfQzk0u7oBegc=
— witness.example.com/w1 WJRygwAAAABrAnMQKizT632bx1w5AZ53SWXNRir4RED5tsMqyFmCD4uXH2NrrtVXCFRzTgV+vVvPAYrpGZfiJeco4dYB+FG+dDGTCQ==
""".encode()
PROOF_OF_13 = [
    "roEtXiKtPyeTuKvjAcHQz4TZtwkSmWSW59KJscRq60I=",
    "KZVyFOFKETv/1qyYwnXWUHOJUeEPO81gzaffZ4yA9ZA=",
    "oHQutalw6HYlNgTHDS5toEVvwG3pq/5VhVaCH0pbhCk=",
    "BoE5zL1C+COLvc10SVvHuxYioqZDQskRBqe8VgX9u0k=",
    "+YseEAvpE6Pceen2KiLknJzdr7eUvjOq55BaqBwkDYU=",
]


def test_the_worked_example_is_reproduced_byte_for_byte() -> None:
    assert SEED.hex() == "b48ac9c6770dded3395bd02579be190257708fd12efa66308b9a79e98597867b"
    key = VerifierKey(ORIGIN, ED25519, bytes(SigningKey(SEED).verify_key))
    assert key.public.hex() == "d59e1a71fadb524077bbe93219d2728cee7e7bb4666dddaf7b840661b9fb3061"
    assert key.key_id.hex() == "4384a36b"
    assert str(key) == VKEY
    assert VerifierKey.parse(VKEY) == key
    root = bytes.fromhex("77d42657f61ca37c21f183dceeebe4783d95e43a5b7e13cef78a1c0e7bf95572")
    checkpoint = Checkpoint(ORIGIN, 30, root)
    assert checkpoint.text.encode().hex() == (
        "61756469742e6578616d706c652e636f6d2f707269766163792d746f6f6c6b69740a33300a6439516d562f59636f3377683859506337"
        "75766b65443256354470626668504f39346f63446e76355658493d0a"
    )
    signature = sign(checkpoint.text, ORIGIN, SEED)
    assert signature.octets.hex() == (
        "f6d75c6819c9bffcf193fa23cb8a7384e288e348ac66254a4077afcc8f402288"
        "fb1ab9a84afa5860bf841ca4fe7044059658bfbbdfb84a5f433934bbba017a07"
    )
    cosignature = Note.parse(FILE).signatures[1]
    assert bytes(Note(checkpoint.text, (signature,)).with_signatures([cosignature])) == FILE
    assert len(FILE) == 346


def test_the_worked_example_verifies_with_both_keys() -> None:
    witness = VerifierKey.parse(WITNESS_VKEY)
    checkpoint, note = open_checkpoint(FILE, [VerifierKey.parse(VKEY), witness])
    assert checkpoint.size == 30
    assert witness.kind == COSIGNATURE
    assert witness.check(note) == 1_795_322_640


def test_the_worked_example_has_its_first_leaf_and_bundle() -> None:
    assert len(ENTRY) == 150
    assert leaf_hash(ENTRY).hex() == "c4238cdf12ade7f09c0af258709b482c5c739a9ded26086d9ec0915c357ef444"
    assert encode_bundle([ENTRY])[:9].hex() == "00967b226163746f72"


def test_the_proof_of_the_worked_example_is_written_and_read_back() -> None:
    proof = EntryProof(13, tuple(base64.b64decode(one) for one in PROOF_OF_13), FILE)
    written = bytes(proof)
    assert written == b"c2sp.org/tlog-proof@v1\nindex 13\n" + "\n".join([*PROOF_OF_13, "", ""]).encode() + FILE
    assert EntryProof.parse(written) == proof
    with_extra = EntryProof(13, proof.hashes, FILE, b"who asked")
    assert EntryProof.parse(bytes(with_extra)) == with_extra


def test_a_proof_is_checked_against_its_own_checkpoint_and_a_pinned_key() -> None:
    checkpoint = Checkpoint(ORIGIN, 1, leaf_hash(ENTRY))
    octets = bytes(Note(checkpoint.text, (sign(checkpoint.text, ORIGIN, SEED),)))
    proof = EntryProof.parse(bytes(EntryProof(0, (), octets)))
    check_inclusion(leaf_hash(ENTRY), index=0, size=1, proof=(), root=checkpoint.root)
    assert proof.check(ENTRY, [VerifierKey.parse(VKEY)]) == checkpoint
    with pytest.raises(SignatureError):
        proof.check(ENTRY, [VerifierKey.parse(WITNESS_VKEY)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n30\n", b"\n31\n"),
        (b"d9QmV/", b"d9QmW/"),
        (ORIGIN.encode() + b"\n30", b"audit.example.com/other\n30"),
        (b"Q4Sja/bX", b"Q4Sja/bY"),
    ],
)
def test_a_changed_checkpoint_does_not_open(old: bytes, new: bytes) -> None:
    assert old in FILE
    with pytest.raises((SignatureError, MalformedError)):
        open_checkpoint(FILE.replace(old, new, 1), [VerifierKey.parse(VKEY)])


def test_a_note_of_unknown_keys_only_does_not_open() -> None:
    other = VerifierKey(ORIGIN, ED25519, bytes(SigningKey(b"\x01" * 32).verify_key))
    with pytest.raises(SignatureError):
        open_checkpoint(FILE, [other])


def test_one_line_of_a_known_key_that_does_not_fit_spoils_the_note() -> None:
    note = Note.parse(FILE)
    false = Signature(note.signatures[1].name, note.signatures[1].key_id, b"\x00" * 72)
    spoiled = bytes(Note(note.text, (note.signatures[0], false)))
    open_checkpoint(spoiled, [VerifierKey.parse(VKEY)])
    with pytest.raises(SignatureError):
        open_checkpoint(spoiled, [VerifierKey.parse(VKEY), VerifierKey.parse(WITNESS_VKEY)])


@pytest.mark.parametrize(
    "octets",
    [b"", b"\n", b"text\n", b"text\n\n", FILE[:-1], FILE.replace(b"\n30\n", b"\n30\r\n"), FILE.replace(b"\xe2\x80\x94 ", b"- "),
     b"\xff" + FILE, FILE.replace(b"\n\n", b"\n")],
)  # fmt: skip
def test_what_is_no_signed_note_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedError):
        Note.parse(octets)


@pytest.mark.parametrize(
    "text",
    ["", "o\n1\n", f"{ORIGIN}\n030\nd9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI=\n",
     f"{ORIGIN}\n30\nd9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI=\nextension\n",
     f"{ORIGIN}\n30\nd9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI\n",
     "two words\n30\nd9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI=\n",
     f"{ORIGIN}\n0\nd9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI=\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


def test_the_empty_log_has_the_root_of_the_specification() -> None:
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).text.endswith("\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")


@given(st.binary(max_size=400))
def test_no_octets_make_the_parsers_fail_otherwise(octets: bytes) -> None:
    for parse in (Note.parse, EntryProof.parse, lambda one: VerifierKey.parse(one.decode("latin-1"))):
        with pytest.raises(MalformedError):
            parse(octets)


@given(st.text(max_size=60))
def test_a_name_with_a_space_or_a_plus_names_no_key(text: str) -> None:
    if any(c.isspace() or c == "+" for c in text) or not text:
        with pytest.raises(MalformedError):
            VerifierKey(text, ED25519, b"\x00" * 32)


def test_a_key_whose_id_is_not_its_own_is_refused() -> None:
    with pytest.raises(MalformedError):
        VerifierKey.parse(VKEY.replace("4384a36b", "4384a36c"))
