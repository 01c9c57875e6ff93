"""Notes, keys, policies, trees and proofs, by the examples that others published and by their own rules."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st
from moat_verifier import merkle, policy
from moat_verifier.checkpoint import Checkpoint
from moat_verifier.cli import run
from moat_verifier.errors import CannotCheckError, TamperedError, VerificationError
from moat_verifier.note import Note, VerifierKey
from moat_verifier.proof import Proof
from moat_verifier.tiles import Tile

from tests.audit import reference
from tests.support.audit_log import LOG, WITNESS, Key, Log, entries, write_log

VKEY = "audit.example.com/privacy-toolkit+4384a36b+AdWeGnH621JAd7vpMhnScozufnu0Zm3dr3uEBmG5+zBh"
WITNESS_VKEY = "witness.example.com/w1+58947283+BLOskxhHdgoTJGPmWc0wm3fRFfXE/y0IeJc6b5JxAf/d"
CHECKPOINT = """audit.example.com/privacy-toolkit
30
d9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI=

— audit.example.com/privacy-toolkit Q4Sja/bXXGgZyb/88ZP6I8uKc4TiiONIrGYlSkB3r8yPQCKI+xq5qEr6WGC/hByk/nBEBZZYv7vfuEpfQzk0u7oBegc=
— witness.example.com/w1 WJRygwAAAABrAnMQKizT632bx1w5AZ53SWXNRir4RED5tsMqyFmCD4uXH2NrrtVXCFRzTgV+vVvPAYrpGZfiJeco4dYB+FG+dDGTCQ==
"""
PROOF_OF_13 = [
    base64.b64decode(line)
    for line in (
        "roEtXiKtPyeTuKvjAcHQz4TZtwkSmWSW59KJscRq60I=",
        "KZVyFOFKETv/1qyYwnXWUHOJUeEPO81gzaffZ4yA9ZA=",
        "oHQutalw6HYlNgTHDS5toEVvwG3pq/5VhVaCH0pbhCk=",
        "BoE5zL1C+COLvc10SVvHuxYioqZDQskRBqe8VgX9u0k=",
        "+YseEAvpE6Pceen2KiLknJzdr7eUvjOq55BaqBwkDYU=",
    )
]


def test_the_worked_example_of_a_key_and_a_checkpoint_comes_out_byte_for_byte() -> None:
    seed = sha256(b"privacy-toolkit worked example key v1").digest()
    assert seed.hex() == "b48ac9c6770dded3395bd02579be190257708fd12efa66308b9a79e98597867b"
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    key = VerifierKey.parse(VKEY)
    assert (key.public, key.key_id.hex(), str(key)) == (public, "4384a36b", VKEY)
    checkpoint = Checkpoint.parse(CHECKPOINT.encode(), where="example")
    assert len(CHECKPOINT.encode()) == 346
    assert (checkpoint.size, checkpoint.root.hex()) == (
        30,
        "77d42657f61ca37c21f183dceeebe4783d95e43a5b7e13cef78a1c0e7bf95572",
    )
    assert checkpoint.note.text.hex() == (
        "61756469742e6578616d706c652e636f6d2f707269766163792d746f6f6c6b69740a33300a"
        "6439516d562f59636f337768385950633775766b65443256354470626668504f39346f63446e76355658493d0a"
    )
    assert Ed25519PrivateKey.from_private_bytes(seed).sign(checkpoint.note.text).hex() == (
        "f6d75c6819c9bffcf193fa23cb8a7384e288e348ac66254a4077afcc8f402288"
        "fb1ab9a84afa5860bf841ca4fe7044059658bfbbdfb84a5f433934bbba017a07"
    )
    witness = VerifierKey.parse(WITNESS_VKEY)
    assert checkpoint.note.signers([key, witness], where="example") == [key, witness]
    assert int.from_bytes(checkpoint.note.signatures[1].signature[:8], "big") == 1795322640


def test_the_services_own_code_makes_the_worked_example_too() -> None:
    name = "audit.example.com/privacy-toolkit"
    root = base64.b64decode("d9QmV/Yco3wh8YPc7uvkeD2V5DpbfhPO94ocDnv5VXI=")
    from audit.checkpoint import Checkpoint as Ours  # noqa: PLC0415 - beside the verifier's of the same name
    from audit.checkpoint import Note as OurNote  # noqa: PLC0415
    from audit.checkpoint import sign  # noqa: PLC0415

    text = Ours(name, 30, root).text
    note = OurNote(text, (sign(text, name, sha256(b"privacy-toolkit worked example key v1").digest()),))
    assert CHECKPOINT.encode().startswith(bytes(note))


def test_the_worked_example_of_an_entry_and_of_roots_comes_out() -> None:
    entry = (
        b'{"actor":"svc:orders","id":"evt-00000000","op":"vault.token.create","out":"deny",'
        b'"subj":"RdkSoFzyAegEl2JrMOAxVg","t":"2026-11-22T04:00:00.000Z","v":1}'
    )
    assert merkle.leaf_hash(entry).hex() == "c4238cdf12ade7f09c0af258709b482c5c739a9ded26086d9ec0915c357ef444"
    twelve, _, eight_to_twelve, eight, _ = PROOF_OF_13
    thirteen = merkle.node_hash(eight, merkle.node_hash(eight_to_twelve, twelve))
    assert base64.b64encode(eight) == b"BoE5zL1C+COLvc10SVvHuxYioqZDQskRBqe8VgX9u0k="
    assert base64.b64encode(thirteen) == b"0sZc/iY1lNpJOeWh5rFOCtXtZWD/B8aEkI8ffR5TorI="
    grown = [eight_to_twelve, twelve]
    assert merkle.consistency_holds(old=8, new=13, old_root=eight, new_root=thirteen, proof=[merkle.node_hash(*grown)])


def test_the_example_of_the_specification_of_notes_verifies() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    text = "This is an example message.\n"
    line = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    raw = f"{text}\n— example.com/foo {line}\n".encode()
    assert Note.parse(raw, where="note").signers([key], where="note") == [key]
    changed = raw.replace(b"example message", b"Example message")
    with pytest.raises(TamperedError):
        Note.parse(changed, where="note").signers([key], where="note")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash x AAAAAAA=\n",
        "text\n\n— name AAAAAAA=".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAA=\n".encode(),
        "text\n\n— name AAAAAAB=\n".encode(),
        "te\x01xt\n\n— name AAAAAAA=\n".encode(),
        "text\r\n\n— name AAAAAAA=\n".encode(),
        b"\xff\n\n" + "— name AAAAAAA=\n".encode(),
        ("text\n\n" + "— name AAAAAAA=\n" * 65).encode(),
    ],
)
def test_what_is_no_note_is_refused(raw: bytes) -> None:
    with pytest.raises(TamperedError, match="is not a signed note"):
        Note.parse(raw, where="note")


@given(st.binary(max_size=200))
@example(b"extra AA==\n\n")
@example(b"\n")
def test_no_bytes_make_a_parser_fail_in_another_way(raw: bytes) -> None:
    for parse in (
        lambda: Checkpoint.parse(raw, where="x"),
        lambda: Proof.parse(b"c2sp.org/tlog-proof@v1\n" + raw, where="x"),
        lambda: policy.parse(raw),
        lambda: VerifierKey.parse(raw.decode(errors="replace")),
    ):
        with suppress(VerificationError):
            parse()


@given(st.integers(1, 40), st.data())
def test_proofs_hold_as_the_standard_makes_them_and_not_otherwise(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    root = reference.mth(leaves)
    assert merkle.tree_hash(leaves) == root
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = reference.path(index, leaves)
    assert merkle.inclusion_holds(index=index, size=size, leaf=leaves[index], proof=path, root=root)
    grown = [] if old == size else reference.proof(old, leaves)
    before = reference.mth(leaves[:old])
    assert merkle.consistency_holds(old=old, new=size, old_root=before, new_root=root, proof=grown)
    other = data.draw(st.binary(min_size=32, max_size=32))
    longer = [*path, other]
    assert not merkle.inclusion_holds(index=index, size=size, leaf=leaves[index], proof=longer, root=root)
    assert not merkle.inclusion_holds(index=index, size=size, leaf=other, proof=path, root=root)
    assert not merkle.consistency_holds(old=old, new=size, old_root=other, new_root=root, proof=grown)
    assert not merkle.consistency_holds(old=old, new=size, old_root=before, new_root=root, proof=[*grown, other])


def test_a_tile_is_found_where_the_specification_puts_it() -> None:
    assert Tile(0, 1234067, 256).path == "tile/0/x001/x234/067"
    assert Tile(0, 1067, 8).path == "tile/0/x001/067.p/8"
    assert Tile(None, 5, 112).path == "tile/entries/005.p/112"


KEYS = {name: Key(f"w.example.com/{name}", name).verifier(4) for name in "abcdef"}
POLICY = "\n".join(
    [
        f"  log {LOG.verifier()}\thttps://log.example.com  ",
        "# a comment",
        "",
        *(f"witness {name} {key}" for name, key in KEYS.items()),
        "group X 2 a b c",
        "group Y any d e f",
        "group XY all X Y",
        "quorum XY\n",
    ]
)


@pytest.mark.parametrize(
    ("cosigned", "met"), [("ab", False), ("abd", True), ("ad", False), ("abc", False), ("bcf", True), ("def", False)]
)
def test_a_quorum_of_groups_in_groups_is_met_or_not(cosigned: str, met: bool) -> None:
    read = policy.parse(POLICY.encode())
    assert read.met_by({name.encode() for name in cosigned}) is met
    assert read.logs[0].url == "https://log.example.com"


BROKEN = {
    "no quorum": ("quorum XY\n", ""),
    "two quorums": ("quorum XY\n", "quorum XY\nquorum XY\n"),
    "an unknown quorum": ("quorum XY", "quorum Z"),
    "a threshold above the members": ("group X 2", "group X 4"),
    "a threshold of nothing": ("group X 2", "group X 0"),
    "a member of two groups": ("group Y any d e f", "group Y any c e f"),
    "none as a member": ("group Y any", "group Y any none"),
    "a name that is taken": ("group Y any", "group a any"),
    "an unknown member": ("group X 2 a b c", "group X 2 a b z"),
    "two witnesses of one name": ("witness b", "witness a"),
    "two witnesses of one key": (str(KEYS["b"]), str(KEYS["a"])),
    "a log's key as a witness's": (str(KEYS["b"]), str(LOG.verifier())),
    "a witness's key as a log's": (str(LOG.verifier()), str(KEYS["a"])),
    "an unknown word": ("witness b", "wittness b"),
    "a control character": ("witness b", "witness\x00 b"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_policy_that_breaks_a_rule_is_refused(how: str) -> None:
    broken = POLICY.replace(*BROKEN[how])
    assert broken != POLICY
    with pytest.raises(CannotCheckError):
        policy.parse(broken.encode())


@pytest.fixture
def proof(log: Log, tmp_path: Path) -> Callable[[bytes | None], Path]:
    """Writes the proof of entry 100 with `extra`."""
    leaves = [merkle.leaf_hash(entry) for entry in log.entries]

    def write(extra: bytes | None) -> Path:
        lines = ["c2sp.org/tlog-proof@v1"]
        lines += [] if extra is None else [f"extra {base64.b64encode(extra).decode()}"]
        lines += ["index 100", *(base64.b64encode(one).decode() for one in reference.path(100, leaves)), "", ""]
        path = tmp_path / "100.tlog-proof"
        path.write_bytes("\n".join(lines).encode() + (log.root / "checkpoint").read_bytes())
        return path

    return write


def test_a_proof_shows_its_entry_with_a_pinned_key(
    log: Log, proof: Callable[[bytes | None], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "entry").write_bytes(log.entries[100])
    (tmp_path / "other").write_bytes(log.entries[101])
    pinned = ["--vkey", str(LOG.verifier())]
    for extra, options, expected in (
        (None, [*pinned, "--entry", str(tmp_path / "entry")], 0),
        (None, [*pinned, "--entry", str(tmp_path / "other")], 1),
        (None, pinned, 2),
        (log.entries[100], pinned, 0),
        (log.entries[101], pinned, 1),
        (log.entries[100], [], 2),
        (log.entries[100], ["--vkey", str(Key(LOG.name, "another").verifier())], 1),
        (log.entries[100], [*pinned, "--since", str(log.root)], 2),
    ):
        assert run([str(proof(extra)), "--json", *options]) == expected
        report = json.loads(capsys.readouterr().out)
        if expected == 0:
            assert (report["index"], report["entry"]) == (100, log.entries[100].decode())


def test_a_proof_whose_checkpoint_has_no_quorum_is_refused(
    log: Log, proof: Callable[[bytes | None], Path], tmp_path: Path
) -> None:
    absent = Key("witness.example.com/w2", "absent").verifier(4)
    path = tmp_path / "policy"
    for quorum, expected in (("w1", 0), ("w2", 1)):
        lines = [
            f"log {LOG.verifier()}",
            f"witness w1 {WITNESS.verifier(4)}",
            f"witness w2 {absent}",
            f"quorum {quorum}\n",
        ]
        path.write_text("\n".join(lines))
        assert run([str(proof(log.entries[100])), "--policy", str(path)]) == expected


def test_a_restarted_log_is_followed_from_where_the_older_one_was_seen(tmp_path: Path) -> None:
    older = write_log(tmp_path / "older", entries(30))
    successor = Key(LOG.name.replace("/1", "/2"))
    pinned = ["--vkey", str(LOG.verifier()), "--vkey", str(successor.verifier()), "--since", str(older.root)]

    def status(size: int, root: str, *, key: Key = successor) -> int:
        first = {"act": "a", "part": 1, "parts": 1, "succeeds": {"log": 1, "size": size, "root": root}, "v": 1}
        made = [json.dumps(first, sort_keys=True, separators=(",", ":")).encode(), *entries(20)]
        place = tmp_path / "newer"
        return run([str(write_log(place, made, key=key, origin=key.name).root), *pinned])

    root = older.checkpoint.root.hex()
    assert status(30, root) == 0
    assert status(30, "00" * 32) == 1
    assert status(29, root) == 1
    assert status(31, root) == 2
    assert status(30, root, key=Key("audit.example.com/moat/3")) == 1
