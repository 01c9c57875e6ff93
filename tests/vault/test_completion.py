"""The date on which an erasure is complete, and certificates of it."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import VerifierKey
from tests.support.vault import ISSUER, Vault
from vault.certificate import Certificate, verifier_key, verify
from vault.certificate_cli import certificate_group
from vault.completion import DATA, KEYRING, Completion, Copy, Destroyed, Rule, completion
from vault.errors import CertificateError, DeniedError, NotFoundError
from vault.ledger_line import Position, backup
from vault.shredding import Shredded, ShredReason

DAY = 86_400_000
ERASED = 100 * DAY


def keyring(made: int, until: int) -> Copy:
    return Copy(KEYRING, made * DAY, until * DAY)


def data(made: int, until: int) -> Copy:
    return Copy(DATA, made * DAY, until * DAY)


def of(copies: Sequence[Copy] = (), snapshots: int = 0, **destroyed: int | None) -> Completion:
    ends = {name: None if day is None else day * DAY for name, day in destroyed.items()}
    return completion(ERASED, copies, snapshots * DAY, Destroyed(**ends))


@pytest.mark.parametrize(
    ("found", "day", "rule"),
    [
        (of(), 100, Rule.NO_COPY),
        (of(snapshots=7), 107, Rule.COPIES),
        (of([keyring(90, 120)]), 120, Rule.COPIES),
        (of([keyring(90, 120), keyring(95, 125)]), 125, Rule.COPIES),
        (of([keyring(90, 100)]), 100, Rule.NO_COPY),
        (of([keyring(101, 190)]), 100, Rule.NO_COPY),
        (of([keyring(90, 120), data(90, 400)]), 400, Rule.SEARCH_COPIES),
        (of([keyring(90, 120), data(90, 400)], search=130), 130, Rule.SEARCH_KEYS),
        (of([keyring(90, 120), data(90, 400), keyring(125, 155)], search=130), 155, Rule.SEARCH_KEYS),
        (of([keyring(90, 3000)], kek=130), 3000, Rule.COPIES),
        (of([keyring(90, 3000)], roots=130), 3000, Rule.COPIES),
        (of([keyring(90, 3000)], kek=130, roots=140), 140, Rule.KEYS),
        (of([keyring(90, 3000), data(90, 3000)], kek=130, roots=140), 3000, Rule.SEARCH_COPIES),
        (of([keyring(90, 3000), data(90, 3000)], kek=130, roots=140, search=135), 140, Rule.KEYS),
        (of([keyring(90, 110)], kek=130, roots=140), 110, Rule.COPIES),
    ],
)
def test_the_date_and_its_rule(found: Completion, day: int, rule: Rule) -> None:
    assert found == Completion(day * DAY, rule)


copies = st.lists(st.builds(Copy, st.sampled_from([KEYRING, DATA]), st.integers(0, 10**6), st.integers(0, 10**6)))
ends = st.none() | st.integers(0, 10**6)


@given(st.integers(0, 10**6), copies, st.integers(0, 1000), ends, ends, ends)
def test_the_date_is_never_before_the_erasure_nor_after_the_last_copy_and_destruction_never_makes_it_later(
    erased: int, kept: list[Copy], snapshots: int, kek: int | None, roots: int | None, search: int | None
) -> None:
    without = completion(erased, kept, snapshots, Destroyed())
    found = completion(erased, kept, snapshots, Destroyed(kek=kek, roots=roots, search=search))
    assert erased <= found.at <= without.at <= max([erased + snapshots, *(copy.until for copy in kept)])
    one_more = [*kept, Copy(KEYRING, erased, erased + 5000)]
    assert completion(erased, one_more, snapshots, Destroyed()).at >= without.at


def shred(vault: Vault) -> Shredded:
    vault.token()
    return vault.shredding.shred(vault.caller("privacy_officer"), "cust-1001", ShredReason.ERASURE_REQUEST)


def keys_of(vault: Vault) -> list[VerifierKey]:
    return [verifier_key(ISSUER, public) for public in vault.certifier._keys.publics()]  # type: ignore[attr-defined]


def test_a_shredding_is_certified_with_its_date(vault: Vault) -> None:
    now = vault.means.at()
    vault.ledger.append(backup(archive=bytes(16), half=KEYRING, at=now - DAY, until=now + 29 * DAY))
    shredded = shred(vault)
    assert (shredded.complete_on, shredded.rule) == ("2026-12-01T08:00:00.000Z", "copies_expire")
    certificate = verify(shredded.certificate.encode(), keys_of(vault))
    assert certificate == Certificate(
        issuer=ISSUER,
        tenant=1,
        subject="cust-1001",
        destroyed=shredded.destroyed_at,
        complete=shredded.complete_on,
        rule=Rule.COPIES,
        ledger=vault.ledger.key.ledger,
        line=vault.ledger.advance(),
        issued="2026-11-02T08:00:00.000Z",
    )


def test_a_certificate_can_be_had_again_and_knows_what_happened_since(vault: Vault) -> None:
    now = vault.means.at()
    for half in (KEYRING, DATA):
        vault.ledger.append(backup(archive=bytes(16), half=half, at=now, until=now + 300 * DAY))
    first = shred(vault)
    assert first.complete_on == "2027-08-29T08:00:00.000Z"
    vault.clock.advance(days=3)
    for table in ("kek", "keyring_root", "purpose_key"):
        vault.damage(f"UPDATE {table} SET destroyed_at = :at", at=now + 2 * DAY)
    again = vault.shredding.receipt(vault.caller("privacy_officer"), "cust-1001")
    assert (again.destroyed_at, again.complete_on) == (first.destroyed_at, "2026-11-04T08:00:00.000Z")
    assert verify(again.certificate.encode(), keys_of(vault)).issued == "2026-11-05T08:00:00.000Z"
    (entry,) = vault.entries(action="vault.subject_shred_read")
    assert entry["outcome"] == "done"


def test_nobody_gets_a_certificate_of_what_was_not_erased(vault: Vault) -> None:
    vault.token()
    for subject in ("cust-1001", "cust-unknown"):
        with pytest.raises(NotFoundError):
            vault.shredding.receipt(vault.caller("privacy_officer"), subject)
    with pytest.raises(DeniedError):
        vault.shredding.receipt(vault.caller("support"), "cust-1001")
    found = [(e["outcome"], e.get("reason")) for e in vault.entries(action="vault.subject_shred_read")]
    assert found == [("failed", "not_found"), ("failed", "not_found"), ("denied", "policy")]


def test_how_far_completion_lies(vault: Vault) -> None:
    now = vault.means.at()
    vault.token()
    answers = vault.database.read(1, lambda tx: vault.completing.summary(tx, 1, now))
    assert answers == {
        "if_erased_now": {"complete_on": "2026-11-03T08:00:00.000Z", "rule": "copies_expire"},
        "last_to_complete": None,
    }
    vault.ledger.append(backup(archive=bytes(16), half=KEYRING, at=now, until=now + 9 * DAY))
    shred(vault)
    answers = vault.database.read(1, lambda tx: vault.completing.summary(tx, 1, now + DAY))
    assert answers["last_to_complete"] == {"complete_on": "2026-11-11T08:00:00.000Z", "rule": "copies_expire"}


CERTIFICATE = Certificate(
    issuer="log.example/moat",
    tenant=1,
    subject="cust-1001",
    destroyed="2026-11-02T08:00:00.000Z",
    complete="2026-12-02T08:00:00.000Z",
    rule=Rule.COPIES,
    ledger=bytes(range(16)),
    line=Position(7, bytes(32)),
    issued="2026-11-02T08:00:01.000Z",
)


@pytest.mark.parametrize("line", range(9))
def test_no_line_of_a_certificate_can_be_changed(vault: Vault, line: int) -> None:
    lines = shred(vault).certificate.split("\n")
    lines[line] = re.sub("[0-9A-Za-z]$", lambda last: "1" if last[0] == "0" else "0", lines[line])
    with pytest.raises(CertificateError):
        verify("\n".join(lines).encode(), keys_of(vault))


@given(st.text(max_size=200) | st.just(CERTIFICATE.text).map(lambda text: text.replace("cust", "cust\n")))
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(CertificateError):
        Certificate.parse(text)
    with pytest.raises(CertificateError):
        verify(text.encode("utf-8", "surrogatepass"), [])


def test_a_certificate_is_read_as_it_was_written() -> None:
    assert Certificate.parse(CERTIFICATE.text) == CERTIFICATE


def test_anybody_checks_a_certificate_on_the_command_line(vault: Vault, tmp_path: Path) -> None:
    group = certificate_group(lambda **_: None)  # type: ignore[arg-type]  # not asked for here
    path, key = tmp_path / "certificate.txt", str(keys_of(vault)[0])
    path.write_text(shred(vault).certificate)
    good = CliRunner().invoke(group, ["verify", str(path), "--vkey", key])
    assert good.exit_code == 0
    assert (
        "certifies the erasure of cust-1001\ndestroyed 2026-11-02T08:00:00.000Z, complete on 2026-11-03" in good.output
    )
    path.write_text(path.read_text().replace("cust-1001", "cust-1002"))
    bad = CliRunner().invoke(group, ["verify", str(path), "--vkey", key])
    assert (bad.exit_code, "was changed" in bad.output) == (1, True)
    assert CliRunner().invoke(group, ["verify", str(path), "--vkey", "nothing"]).exit_code == 2
