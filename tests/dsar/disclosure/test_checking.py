"""A package says of itself what was signed and what the log says, or it is refused with the reason."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from dsar.disclosure.checking import check
from dsar.disclosure.errors import CheckError
from dsar.disclosure.manifest import ENTRY, MANIFEST, PROOF, SIGNATURE, verifier_key
from tests.dsar.disclosure.office import Office
from tests.dsar.disclosure.stand_ins import ISSUER, FakeHolder
from tests.support.audit_log import LOG, WITNESS

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])
"""What is in an archive depends on no database."""

Members = dict[str, bytes]


@pytest.fixture
def members(office: Office) -> Members:
    """What is in a package, by name."""
    office.holders = [FakeHolder("orders", lambda: iter([("order", {"text": "one"})]))]
    archive = office.opened(office.made())
    return {name: archive.read(name) for name in archive.namelist()}


def written(members: Members, place: Path) -> Path:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    (place / "package.zip").write_bytes(octets.getvalue())
    return place / "package.zip"


def test_a_package_is_what_it_says(office: Office, members: Members, tmp_path: Path) -> None:
    found = check(written(members, tmp_path), [office.vkey], [LOG.verifier()])
    assert (found.issuer, found.right, found.members) == (ISSUER, "access", len(members) - 4)


def without(name: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        del members[name]

    return change


def turned(name: str, old: bytes, new: bytes) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        assert old in members[name]
        members[name] = members[name].replace(old, new)

    return change


def added(members: Members) -> None:
    members["data/further.json"] = b"{}"


CHANGES = [
    (without(MANIFEST), "incomplete"),
    (without(SIGNATURE), "incomplete"),
    (without(PROOF), "incomplete"),
    (without("data/orders.csv"), "not_listed"),
    (added, "not_listed"),
    (turned("data/orders.json", b"one", b"two"), "changed"),
    (turned(MANIFEST, b'"access"', b'"agcess"'), "other_manifest"),
    (turned(SIGNATURE, b"moat-disclosure", b"moat-disclosurf"), "unsigned"),
    (turned(SIGNATURE, b"\n\n", b"\n"), "malformed"),
    (turned(ENTRY, b"dsar.package_make", b"dsar.package_read"), "other_entry"),
    (turned(ENTRY, b'"access"', b'"agcess"'), "not_in_log"),
    (turned(PROOF, b"index 0", b"index 1"), "not_in_log"),
]


def test_what_was_changed_is_refused_with_the_reason(office: Office, members: Members, tmp_path: Path) -> None:
    for change, cause in CHANGES:
        changed = dict(members)
        change(changed)
        with pytest.raises(CheckError) as refused:
            check(written(changed, tmp_path), [office.vkey], [LOG.verifier()])
        assert refused.value.cause == cause


def test_other_keys_do_not_do(office: Office, members: Members, tmp_path: Path) -> None:
    strange = verifier_key(ISSUER, bytes(SigningKey.generate().verify_key))
    for keys, log_key, cause in (([strange], LOG, "unsigned"), ([office.vkey], WITNESS, "not_in_log")):
        with pytest.raises(CheckError) as refused:
            check(written(members, tmp_path), keys, [log_key.verifier()])
        assert refused.value.cause == cause
    (tmp_path / "other").write_bytes(b"no archive")
    with pytest.raises(CheckError):
        check(tmp_path / "other", [office.vkey], [LOG.verifier()])
