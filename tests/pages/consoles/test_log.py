"""Auditors read the log in their desk, see what proves an entry, and take exports away that verify elsewhere."""

import io
import re
import zipfile
from pathlib import Path

import orjson
import pytest

from audit.checkpoint import VerifierKey
from audit.merkle import check_inclusion, inclusion_path, leaf_hash
from audit.proof import EntryProof
from tests.pages.consoles.conftest import Office
from tests.pages.staff_house import Member
from web.principal import Role


@pytest.fixture(scope="module")
def auditor(office: Office) -> Member:
    office.person("cust-1001", phone="13812345678")
    member = office.staff("an.auditor", Role.AUDITOR)
    office.publish()
    return member


def test_entries_are_listed_and_chosen(auditor: Member) -> None:
    listed = auditor.get("/auditor/entries").text
    assert "vault.subject_write" in listed
    chosen = auditor.get("/auditor/entries?action=vault.subject_write&outcome=done").text
    assert "<code>vault.subject_write</code>" in chosen
    assert "<code>staff.enrol</code>" not in chosen
    assert "<code>" not in auditor.get("/auditor/entries?until=2001-01-01").text
    assert auditor.get("/auditor/entries?action=nonsense&actor=x&since=never&after=-1").status_code == 200


def test_an_entry_is_shown_with_a_proof_that_holds(auditor: Member) -> None:
    index = re.findall(r"/auditor/entries/1/(\d+)", auditor.get("/auditor/entries?action=vault.subject_write").text)[0]
    page = auditor.get(f"/auditor/entries/1/{index}").text
    key = re.search(r"--vkey &#39;([^&]+)&#39;", page) or re.search(r"--vkey '([^']+)'", page)
    assert key is not None
    entry = auditor.get(f"/auditor/entries/1/{index}/octets").data
    proof = EntryProof.parse(auditor.get(f"/auditor/entries/1/{index}/proof").data)
    checkpoint = proof.check(entry, [VerifierKey.parse(key[1])])
    assert checkpoint.root.hex() in page
    assert leaf_hash(entry).hex() in page
    steps = list(inclusion_path(leaf_hash(entry), index=int(index), size=checkpoint.size, proof=proof.hashes))
    assert all(step.sibling.hex() in page and step.node.hex() in page for step in steps)
    assert steps[-1].node == checkpoint.root
    check_inclusion(leaf_hash(entry), index=int(index), size=checkpoint.size, proof=proof.hashes, root=checkpoint.root)
    assert "13812345678" not in page


def test_an_entry_that_is_not_there_is_not_found(auditor: Member) -> None:
    assert auditor.get("/auditor/entries/1/999999").status_code == 404
    assert auditor.get("/auditor/entries/7/0").status_code == 404
    assert auditor.get("/auditor/entries/1/999999/proof").status_code == 404


def test_an_export_is_made_and_taken_away(office: Office, auditor: Member, tmp_path: Path) -> None:
    page = "/auditor/exports"
    assert auditor.post(page, page, format="csv", since="2020-01-01").status_code == 303
    office.work()
    taken = re.findall(rf"{page}/[0-9a-f-]{{36}}", auditor.get(page).text)
    assert len(taken) == 1
    with auditor.get(taken[0]) as archive:
        assert archive.status_code == 200
        octets = archive.data
    with zipfile.ZipFile(io.BytesIO(octets)) as opened:
        names = opened.namelist()
        manifest = orjson.loads(opened.read(next(name for name in names if name.endswith("manifest.json"))))
    assert any(name.endswith("entries.csv") for name in names)
    assert manifest["filter"]["tenant"] == [office.api.tenant]
    assert auditor.get(f"{page}/01a2041d-b2c1-72b3-83e7-81b612ba9070").status_code == 404


def test_the_checkpoint_is_shown_with_who_signed_it(auditor: Member) -> None:
    page = auditor.get("/auditor/checkpoints").text
    assert len(re.findall(r'<code class="secret">[^<]+\+[0-9a-f]{8}\+', page)) == 1


def test_whoever_does_not_read_the_log_is_let_in_nowhere(office: Office, auditor: Member) -> None:
    support = office.staff("a.supporter", Role.SUPPORT)
    for path in ("entries", "entries/1/0", "entries/1/0/proof", "exports", "checkpoints"):
        assert support.get(f"/auditor/{path}").status_code == 403


def test_disclosures_and_refusals_are_drawn_by_week_and_by_month(office: Office, auditor: Member) -> None:
    page = "/console/disclosures"
    assert "还没有统计" in auditor.get(page).text
    token = office.api.items(
        "/v1/tokenize",
        {"purpose": "delivery", "items": [{"subject": "cust-1001", "kind": "phone", "value": "13812345678"}]},
    )[0]["token"]
    for purpose, view in (("delivery", "masked"), ("delivery", "masked"), ("delivery", "plain")):
        body = {"purpose": purpose, "view": view, "ref": "order:o-1", "items": [{"token": token}]}
        office.api.call("POST", "/v1/detokenize", body)
    assert office.staff("no.reader", Role.SUPPORT).get(page).status_code == 403
    office.publish()
    office.api.moat.work.rounds["audit_tally"](0)
    for unit in ("week", "month", "nonsense"):
        drawn = auditor.get(f"{page}?by={unit}").text
        assert '<rect class="part f0"' in drawn
        assert "按原因" in drawn
        assert "凭证无此权限" in drawn
        assert "13812345678" not in drawn
