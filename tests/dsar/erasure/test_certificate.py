"""Certificates of erasures: they hold without the service, and no member of one can be changed."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from moat_verifier.canonical import canonical
from moat_verifier.certificate import verify_certificate
from moat_verifier.cli import run
from moat_verifier.errors import CannotCheckError, TamperedError
from moat_verifier.note import VerifierKey
from moat_verifier.policy import Policy
from moat_verifier.report import Report
from nacl.signing import SigningKey

from audit.checkpoint import ED25519, Note, Signature
from audit.checkpoint import VerifierKey as SigningVerifier
from commands.program import main
from tests.dsar.erasure.office import Office

Certified = tuple[str, list[str]]


@pytest.fixture(scope="module")
def certified(office: Office) -> Certified:
    """The certificate of an erasure of which a law keeps something, and the keys that it is checked with."""
    number = office.person("somebody")
    office.beside.hold(number, ("order", "delivery", "order:somebody"), 2, since=office.at)
    request = office.ask(number)
    office.erased(request)
    return office.published(request), office.vkeys()


def verified(text: str, vkeys: list[str]) -> Report:
    signing = [VerifierKey.parse(one) for one in vkeys if "/erasure+" in one]
    report = Report()
    policy = Policy.of_keys([one for one in vkeys if "/erasure+" not in one])
    verify_certificate(text.encode(), signing, policy, report)
    return report


def members(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of everything in a document that is not itself made of others."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from members(one, (*path, name))


def changed(value: Any) -> Any:
    return value + 1 if isinstance(value, int) else f"{value}x" if isinstance(value, str) else "changed"


def test_a_certificate_holds_without_the_service(certified: Certified, tmp_path: Path) -> None:
    text, vkeys = certified
    assert verified(text, vkeys).facts["outcome"] == "partly_erased"
    file = tmp_path / "certificate.txt"
    file.write_text(text, encoding="utf-8")
    asked = [str(file), *(part for key in vkeys for part in ("--vkey", key))]
    assert run(["certificate", *asked]) == 0
    assert CliRunner().invoke(main, ["dsar", "verify", *asked]).exit_code == 0
    assert CliRunner().invoke(main, ["dsar", "verify", str(file), "--vkey", "nonsense"]).exit_code == 2
    assert run(["certificate", str(file)]) == 2
    assert run(["certificate", str(file), "--vkey", vkeys[0]]) == 2


def test_a_certificate_of_a_whole_erasure_says_from_when_on_nobody_reads_it(office: Office) -> None:
    number = office.person("somebody-else")
    request = office.ask(number)
    office.erased(request)
    pending = office.certificate(request)
    published, vkeys = office.published(request), office.vkeys()
    with pytest.raises(CannotCheckError, match="not published"):
        verified(pending, vkeys)
    facts = verified(published, vkeys).facts
    assert (facts["outcome"], facts["rule"], facts["complete_on"]) == (
        "erased",
        "copies_expire",
        "2026-11-03T08:00:00.000Z",
    )


def test_no_member_of_a_certificate_can_be_changed_left_out_or_added(certified: Certified) -> None:
    text, vkeys = certified
    head, body, *rest = text.split("\n")
    told = json.loads(body)
    assert len(list(members(told))) > 90

    def refused(document: Any) -> bool:
        forged = "\n".join([head, canonical(document).decode(), *rest])
        try:
            verified(forged, vkeys)
        except (TamperedError, CannotCheckError):
            return True
        return False

    assert not refused(told)
    for *path, last in members(told):
        for change in ("change", "leave out", "add"):
            document = deepcopy(told)
            place = document
            for name in path:
                place = place[name]
            if change == "change":
                place[last] = changed(place[last])
            elif change == "leave out":
                del place[last]
            elif isinstance(place, dict):
                place[f"{last}_more"] = 1
            else:
                place.append(place[last])
            assert refused(document), (path, last, change)


def test_even_who_has_the_key_cannot_certify_what_the_log_does_not_tell(certified: Certified) -> None:
    """The facts are bound to the entry: a new signature over other facts does not help."""
    text, vkeys = certified
    head, body, *_ = text.split("\n")
    told = json.loads(body)
    key = SigningKey(bytes(32))
    vkey = SigningVerifier("localhost/moat/erasure", ED25519, bytes(key.verify_key))
    logs = [one for one in vkeys if "/erasure+" not in one]

    def signed(document: Any) -> str:
        note = f"{head}\n{canonical(document).decode()}\n"
        line = Signature(vkey.name, vkey.key_id, key.sign(note.encode()).signature)
        return bytes(Note(note, (line,))).decode()

    verified(signed(told), [str(vkey), *logs])
    for name in told["erasure"]:
        document = deepcopy(told)
        document["erasure"][name] = changed(document["erasure"][name])
        with pytest.raises(TamperedError):
            verified(signed(document), [str(vkey), *logs])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", TamperedError),
        ("moat-erasure-certificate/v2\n{}\n\n", TamperedError),
        ("moat-erasure-certificate/v1\nissuer x\n\n\u2014 x AAAAAAA=\n", CannotCheckError),
        ("moat-erasure-certificate/v3\n{}\n\n\u2014 x AAAAAAA=\n", TamperedError),
        ('moat-erasure-certificate/v2\n{"erasure": {}}\n\n\u2014 x AAAAAAA=\n', TamperedError),
        ("moat-erasure-certificate/v2\n[]\n\n\u2014 x AAAAAAA=\n", TamperedError),
    ],
)
def test_what_is_no_certificate_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        verified(text, [])
