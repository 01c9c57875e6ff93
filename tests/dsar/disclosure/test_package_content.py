"""What is in a package: everything of the person, in their language, and nothing of anybody else, whatever the data are."""

import csv
import io
import subprocess
from pathlib import Path

import orjson
import pytest
from pyrage.x25519 import Identity

from dsar.disclosure.age import PublicKey
from dsar.disclosure.choosing import Choice
from dsar.disclosure.errors import PackageNotFoundError
from dsar.holders.holder import Holding
from dsar.right import Right
from tests.dsar.disclosure.age_of_debian import age_opens
from tests.dsar.disclosure.office import Office
from tests.dsar.disclosure.stand_ins import RULES, TENANT, FakeHolder

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])
"""What is in an archive depends on no database."""

CANARY = "canary-7f3a-13987654321"
ORDER = {
    "item": CANARY,
    "courier": {"name": "Li Wei", "phone": "13800000001"},
    "courier_phone": "13800000001",
    "other": [{"driver_name": "Zhang San"}],
    "rating": 5,
    "purpose": "delivery",
}


def orders(*records: dict[str, object]) -> FakeHolder:
    return FakeHolder("order_service", lambda: (("order", one) for one in records))


def test_a_package_opens_with_the_age_of_debian_and_its_passphrase_is_told_once(office: Office, tmp_path: Path) -> None:
    office.holders = [orders(ORDER)]
    package = office.made()
    link = office.link(package)
    told = office.fetching.told(link, office.visitor(), office.by())
    names = office.opened_with_age(package, told, tmp_path)
    assert "index.html" in names
    with pytest.raises(PackageNotFoundError):
        office.fetching.told(link, office.visitor(), office.by())


def test_a_package_is_sealed_to_a_key_that_the_person_gave(office: Office, tmp_path: Path) -> None:
    identity = Identity.generate()
    request = office.request()
    office.choosing.choose(TENANT, request.id, Choice(key=PublicKey(str(identity.to_public()))), office.by())
    office.holders = [orders(ORDER)]
    package = office.maker.make(TENANT, request.id)
    assert package is not None
    assert package.secret is None
    (tmp_path / "identity").write_text(f"{identity}\n")
    octets = age_opens(office.shelf.path(package.id), tmp_path / "identity")
    (tmp_path / "package.zip").write_bytes(octets)
    tested = subprocess.run(["unzip", "-tq", tmp_path / "package.zip"], capture_output=True, check=True)
    assert b"No errors detected" in tested.stdout


def test_other_people_appear_as_roles_and_the_same_person_as_the_same(office: Office) -> None:
    office.holders = [orders(ORDER, {**ORDER, "courier_phone": "13800000002"})]
    archive = office.opened(office.made())
    first, second = orjson.loads(archive.read("data/orders.json"))["records"]
    assert first["courier_phone"] != second["courier_phone"]
    assert first["courier"] == second["courier"]
    assert first["other"] == [{"driver_name": "courier 3"}] or first["other"][0]["driver_name"].startswith("courier ")
    assert first["rating"] == 5
    for name in archive.namelist():
        for whose in (b"Li Wei", b"13800000001", b"Zhang San"):
            assert whose not in archive.read(name), name


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("zh-CN", "您的个人信息"),
        ("zh-Hant-HK", "您的個人資料"),
        ("en-GB", "Your personal data"),
        ("fr", "Your personal data"),
    ],
)
def test_the_page_is_in_the_language_of_the_person(office: Office, locale: str, title: str) -> None:
    page = office.opened(office.made(locale=locale)).read("index.html").decode()
    assert title in page
    assert RULES.controller in page


HOSTILE = {
    "formula": "=HYPERLINK(1)",
    "plus": "+86138",
    "tab": "\t=1+1",
    "return": "\r=1",
    "at": "@SUM(1)",
    "minus": "-2+3",
    "wide": "＝1+1",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "nul": "a\x00b\x1bc",
    "path": "../../etc/passwd",
    "bidi": "\u202egnp.exe",
    "surrogate": "\ud800",
    "huge": 2**80,
    "nested": {"=cmd()": ["@x", {"\x00": "y"}]},
    "=name": "a field whose name is a formula",
    "../name": 1,
}


def test_hostile_values_are_neither_formulas_nor_markup_nor_paths(office: Office) -> None:
    office.holders = [
        FakeHolder("bad", lambda: iter([("order", HOSTILE), ("../../evil", HOSTILE), ("<b>", HOSTILE), ("", HOSTILE)]))
    ]
    archive = office.opened(office.made())
    assert {name.split("/")[0] for name in archive.namelist()} <= {
        "index.html",
        "data",
        "rules.json",
        "VERIFY.txt",
        "manifest.json",
        "manifest.sig",
        "proof",
    }
    assert [name for name in archive.namelist() if name.startswith("data/")] == [
        "data/orders.json",
        "data/orders.csv",
        "data/other.json",
        "data/other.csv",
    ]
    for name in ("data/orders.csv", "data/other.csv"):
        text = archive.read(name).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len({len(row) for row in rows}) == 1
        for cell in (cell for row in rows for cell in row):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
            assert "\x00" not in cell
    page = archive.read("index.html").decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "\x00" not in page
    records = orjson.loads(archive.read("data/orders.json"))["records"]
    assert records[0]["formula"] == "=HYPERLINK(1)"
    assert records[0]["huge"] == str(2**80)


def test_a_value_of_ten_megabytes_is_whole_in_the_file_and_cut_on_the_page(office: Office) -> None:
    value = "长" * 3_500_000
    office.holders = [orders({"text": value})]
    archive = office.opened(office.made())
    assert orjson.loads(archive.read("data/orders.json"))["records"] == [{"text": value}]
    assert len(archive.read("index.html")) < 60_000


def test_portability_gives_what_rests_on_consent_or_a_contract_only(office: Office) -> None:
    def pieces() -> object:
        yield "phone", {"value": "1", "uses": [{"purpose": "delivery"}, {"purpose": "fraud_control"}]}
        yield "geo", {"value": "2", "uses": [{"purpose": "fraud_control"}]}
        yield "device", {"value": "3"}
        yield "rating", {"value": "4"}
        yield "consent", {"record": "5"}

    held = [
        Holding(holder="vault", category=category, purpose=purpose, ref="", count=1, since=0)
        for category, purpose in (("device", "fraud_control"), ("rating", "recommendation"))
    ]
    office.holders = [FakeHolder("vault", pieces, held)]  # type: ignore[arg-type]
    office.entries = [{"at": "2026-01-01T00:00:00.000Z"}]
    archive = office.opened(office.made(Right.PORTABILITY))
    assert [name for name in archive.namelist() if name.endswith(".json")][:2] == [
        "data/phone.json",
        "data/ratings.json",
    ]
    assert "access_log.json" not in archive.namelist()


def test_consents_are_records_as_they_are_and_what_a_law_keeps_is_said(office: Office) -> None:
    record = {"record": {"schema_version": "ISO/IEC TS 27560:2023"}, "operator": {"name": "Moat Delivery"}}
    kept = {"holder": "orders", "purpose": "delivery", "ref": "order:o-1", "count": 1, "since": 0}
    held = [Holding(category="order", kept_by="tax_law", kept_until=1_900_000_000_000, **kept)]  # type: ignore[arg-type]
    held += [Holding(category="order", kept_by="hold", **kept)]  # type: ignore[arg-type]
    office.holders = [FakeHolder("orders", lambda: iter([("consent", record), ("order", ORDER)]), held)]
    archive = office.opened(office.made())
    assert orjson.loads(archive.read("consents.json"))["records"] == [record]
    page = archive.read("index.html").decode()
    assert "kept until 2030-03-17" in page
    assert "tax_law" not in page
    assert "<script" not in page


def test_an_explanation_holds_the_rules_and_no_data(office: Office) -> None:
    holder = orders(ORDER)
    office.holders = [holder]
    archive = office.opened(office.made(Right.EXPLANATION))
    assert holder.asked == 0
    assert not [name for name in archive.namelist() if name.startswith("data/")]
    assert [rule["purpose"] for rule in orjson.loads(archive.read("rules.json"))["rules"]] == [
        "delivery",
        "recommendation",
        "fraud_control",
    ]


def test_the_access_log_says_in_plain_words_who_looked(office: Office) -> None:
    at, actor = "2026-01-01T08:30:00.000Z", {"kind": "credential", "id": 3, "role": "service"}
    office.entries = [
        {
            "at": at,
            "action": "vault.detokenize",
            "outcome": "done",
            "actor": actor,
            "behalf": {"role": "courier", "subject": "B" * 22},
            "purpose": "delivery",
            "kind": "phone",
            "items": 1,
        },
        {"at": at, "action": "unheard.of", "outcome": "denied", "actor": {"kind": "system", "id": 0, "role": ""}},
    ]
    archive = office.opened(office.made())
    first, second = orjson.loads(archive.read("access_log.json"))["records"]
    assert (first["who"], first["did"], first["purpose"]) == ("courier", "looked at your data", "Delivery")
    assert second["who"] == "the service itself"
    assert "B" * 22 not in archive.read("access_log.json").decode()
    assert "2026-01-01 08:30 UTC" in archive.read("index.html").decode()
