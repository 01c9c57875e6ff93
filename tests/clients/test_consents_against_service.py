"""The client's calls about consents against the real application, in this process, and what its operator imports."""

import csv
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from moat_client.answers import Item, Revealed, Tokenized
from moat_client.client import Moat
from moat_client.consent_answers import Recorded, Said, Use
from moat_client.errors import ItemError, MoatError

from commands.demo import DemoService, DemoStart
from consent.imports.cli import import_file
from consent.imports.rows import FileError
from demo.cast import Place

PHONE = "13800138000"
SMS = "marketing_sms"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[DemoService]:
    with DemoStart().opened(Place(tmp_path), port=8080) as opened:
        yield opened


@pytest.fixture
def moat(service: DemoService) -> Moat:
    return Moat("http://moat.test", service.credential("service", "service", ()), transport=service.transport)


def test_from_the_notice_to_the_refused_use_after_the_withdrawal(moat: Moat) -> None:
    (issued,) = moat.tokenize([Item("cust-1", "phone", PHONE)], purpose="delivery", ref="order:o-1")
    assert isinstance(issued, Tokenized)
    shown = moat.present("cust-1", [SMS], locale="en")
    assert (shown.locale, [notice.default for notice in shown.notices]) == ("en", ["off"])
    given, refused = moat.consent(
        [Said("cust-1", SMS, "given", presentation=shown.token), Said("cust-1", "merchant_sharing", "given")]
    )
    assert isinstance(given, Recorded)
    assert (given.state, given.epoch, given.changed) == ("given", 1, True)
    assert refused == ItemError("proof_missing", detail=refused.detail if isinstance(refused, ItemError) else "")
    (decided,) = moat.decide([Use("cust-1", SMS, kind="phone")])
    assert (decided.allowed, decided.consent, decided.epoch) == (True, given.consent, 1)
    assert 0 < decided.ttl_s <= 1
    (revealed,) = moat.detokenize([issued.token], purpose=SMS, view="plain")
    assert isinstance(revealed, Revealed)
    assert revealed.value == PHONE
    assert moat.withdraw("cust-1", SMS).state == "withdrawn"
    now, then = moat.decide([Use("cust-1", SMS), Use("cust-1", SMS, kind="phone", at=decided.at)])
    assert (now.allowed, now.reason) == (False, "withdrawn")
    assert (then.allowed, then.consent, then.epoch) == (True, given.consent, 1)
    (denied,) = moat.detokenize([issued.token], purpose=SMS, view="plain")
    assert denied == ItemError("denied", reason="no_consent")
    assert [one["state"] for one in moat.consent_history("cust-1")] == ["given", "withdrawn"]
    items = moat.consents("cust-1", as_of=decided.at)["items"]
    assert isinstance(items, list)
    assert {one["purpose"]: one["state"] for one in items}[SMS] == "given"


def test_a_withdrawal_of_what_nobody_knows_is_an_error(moat: Moat) -> None:
    with pytest.raises(MoatError, match="unknown_purpose"):
        moat.withdraw("cust-1", "telepathy")


def test_who_has_refused_is_asked_again_only_where_they_wish(moat: Moat) -> None:
    moat.consent([Said("cust-1", SMS, "refused")])
    with pytest.raises(MoatError, match="recently_refused") as refused:
        moat.present("cust-1", ["precise_location", SMS])
    assert [field.field for field in refused.value.errors] == ["purposes.1"]
    assert moat.present("cust-1", [SMS], by_person=True).token


def test_a_presentation_of_unknown_purposes_is_refused_by_their_places(moat: Moat) -> None:
    with pytest.raises(MoatError, match="unknown_purpose") as refused:
        moat.present("cust-1", [SMS, "telepathy"])
    assert [field.field for field in refused.value.errors] == ["purposes.1"]


def test_an_atomic_batch_names_the_items_that_failed(moat: Moat) -> None:
    with pytest.raises(MoatError, match="consents_not_recorded") as failed:
        moat.consent([Said("cust-1", SMS, "withdrawn"), Said("cust-1", SMS, "given")], atomic=True)
    assert [(field.field, field.code) for field in failed.value.errors] == [("items.1", "proof_missing")]
    (decided,) = moat.decide([Use("cust-1", SMS)])
    assert (decided.reason, decided.epoch) == ("no_record", 0)


def test_the_consents_of_a_stranger_are_not_found(moat: Moat) -> None:
    with pytest.raises(MoatError, match="not_found"):
        moat.consents("cust-9")


LINES = """subject,purpose,state,at,evidence,default,shown,notice_version
cust-1,marketing_sms,given,2026-01-05T08:00:00+08:00,paper,off,,1
cust-2,marketing_sms,given,2026-01-05T08:00:00+08:00,paper,on,,1
cust-3,merchant_sharing,given,2026-01-05T08:00:00+08:00,paper,off,marketing_sms merchant_sharing,1
cust-4,marketing_sms,perhaps,2026-01-05T08:00:00+08:00,paper,off,,1
cust-5,marketing_sms,given,yesterday,paper,off,,1
cust-6,marketing_sms,given,2026-01-05T08:00:00+08:00,paper,off,,7
13812345678,marketing_sms,given,2026-01-05T08:00:00+08:00,paper,off,,1
cust-1,marketing_sms,withdrawn,2026-02-05T08:00:00+08:00,,,,
cust-7,marketing_call,refused,2026-02-05T08:00:00+08:00,,,,
"""
REFUSED = [
    ["line", "reason"],
    ["3", "pre_ticked"],
    ["4", "bundled"],
    ["5", "state_literal_error"],
    ["6", "at_datetime_from_date_parsing"],
    ["7", "unknown_notice"],
    ["8", "subject_is_personal"],
]


def imported(moat: Moat, file: Path) -> tuple[dict[str, int], list[list[str]]]:
    with (file.parent / "report.csv").open("w+", encoding="utf-8", newline="") as out:
        counted = import_file(moat, file, csv.writer(out))
        out.seek(0)
        return dict(counted), list(csv.reader(out))


def test_a_file_is_imported_once_and_its_refused_rows_are_named_by_line(moat: Moat, tmp_path: Path) -> None:
    file = tmp_path / "consents.csv"
    file.write_text(LINES, encoding="utf-8")
    counted, report = imported(moat, file)
    assert counted == {"recorded": 3, "refused": 6}
    assert [[line, reason] for line, reason in report if not reason.startswith("at_")] == [
        one for one in REFUSED if not one[1].startswith("at_")
    ]
    file.write_text(LINES + "cust-1,marketing_sms,given,2026-01-01T00:00:00Z,paper,off,,1\n", encoding="utf-8")
    counted, _ = imported(moat, file)
    assert counted == {"known": 4, "refused": 6}
    assert [one["state"] for one in moat.consent_history("cust-1")] == ["given", "withdrawn"]
    assert [one.reason for one in moat.decide([Use("cust-1", SMS), Use("cust-7", "marketing_call")])] == [
        "withdrawn",
        "refused",
    ]


def test_lines_of_json_are_imported_like_rows(moat: Moat, tmp_path: Path) -> None:
    file = tmp_path / "consents.ndjson"
    good = {"subject": "cust-1", "purpose": SMS, "state": "given", "at": "2026-01-05T00:00:00Z", "shown": [SMS]}
    file.write_bytes(b"\n".join([orjson.dumps(good), b"", b"[]", b"{", b'{"subject": "cust-1"}', b'{"phone": 1}']))
    counted, report = imported(moat, file)
    assert counted == {"recorded": 1, "refused": 4}
    assert report[1:] == [
        ["3", "not_an_object"],
        ["4", "not_an_object"],
        ["5", "purpose_missing"],
        ["6", "unknown_member"],
    ]


def test_a_file_that_is_none_of_consents_is_refused_whole(moat: Moat, tmp_path: Path) -> None:
    for name, content in (("a.csv", "subject,purpose\n"), ("b.txt", ""), ("c.csv", "subject,purpose,state,at,phone\n")):
        (tmp_path / name).write_text(content)
        with pytest.raises(FileError):
            imported(moat, tmp_path / name)
