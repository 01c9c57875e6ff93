"""Laws that keep what people want erased: what they cover, until when, and which files of them are refused."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from database.columns import millis
from dsar.erasure.errors import LawTextError
from dsar.erasure.judgement import Circumstances, Judged, KeepReason, Kept, judge, kept_uses, with_account
from dsar.erasure.law import Keeping, Source
from dsar.erasure.law_text import SHIPPED, parse_laws, read_laws, shipped_laws
from dsar.holders.holder import Act, Holding

ALL = frozenset(Act)


def at(text: str) -> int:
    return millis(datetime.fromisoformat(text).replace(tzinfo=UTC))


def holding(category: str, purpose: str = "delivery", since: str = "2026-01-31", **more: object) -> Holding:
    stated = {"holder": "vault", "ref": "order:1", "count": 1, **more}
    return Holding(category=category, purpose=purpose, since=at(since), **stated)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("category", "purpose", "start", "until"),
    [
        # Worked out by hand: the day of the event is not counted, and the last day ends at midnight in Shanghai, 16:00 UTC.
        ("order", "anything", "2026-01-31", ("ecommerce_31", "2029-01-31T16:00")),
        ("invoice", "", "2026-02-28", ("tax_rules_29", "2036-02-28T16:00")),
        ("address", "delivery", "2026-08-31", ("catering_orders", "2027-02-28T16:00")),
        ("address", "delivery", "2027-08-31", ("catering_orders", "2028-02-29T16:00")),
        ("network_log", "", "2026-01-01", ("network_logs_21", "2026-07-01T16:00")),
        ("phone", "food_transport", "2024-02-29", ("food_transport_25", "2026-02-28T16:00")),
        ("processing_record", "", "2026-03-01", ("pipl_56", "2029-03-01T16:00")),
        ("phone", "delivery", "2026-01-01", None),
        ("address", "marketing_sms", "2026-01-01", None),
    ],
)
def test_each_law_keeps_what_it_covers_for_its_period(
    category: str, purpose: str, start: str, until: tuple[str, str] | None
) -> None:
    found = shipped_laws().keeping(holding(category, purpose, start), "pipl", {}, at(start) + 1)
    assert found == (None if until is None else Keeping(until[0], at(until[1])))


def test_a_period_runs_from_the_event_where_it_is_known() -> None:
    laws, order = shipped_laws(), holding("order", since="2026-01-01")
    later = laws.keeping(order, "pipl", {"order.completed": at("2026-06-01")}, at("2026-06-02"))
    assert later == Keeping("ecommerce_31", at("2029-06-01T16:00"))
    assert laws.keeping(order, "pipl", {"order.completed": at("2026-06-01")}, at("2029-06-01T16:00")) is None


def test_a_law_is_held_against_requests_of_its_regimes_only() -> None:
    laws = shipped_laws()
    assert laws.keeping(holding("order"), "gdpr_de", {}, at("2026-02-01")) is None
    european = SHIPPED.read_text().replace("regimes: [pipl]", "regimes: [gdpr]")
    assert parse_laws(european).keeping(holding("order"), "gdpr_de", {}, at("2026-02-01")) is not None
    assert parse_laws(european).keeping(holding("order"), "gdprx", {}, at("2026-02-01")) is None


def test_what_nobody_read_in_the_text_of_the_law_is_marked() -> None:
    sources = {law.id: law.source for law in shipped_laws().provisions}
    assert {name for name, source in sources.items() if source is not Source.TEXT} == {
        "accounting_archives",
        "catering_orders",
        "ccpa_7101",
    }


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ("period: P3Y", "period: 3 years", "laws.ecommerce_31.period"),
        ("period: P3Y", "period: P0D\n    more: 1", "laws.ecommerce_31.more"),
        ("categories: [invoice, tax_voucher]", 'categories: ["*"]', "laws.tax_rules_29.categories"),
        ("categories: [invoice, tax_voucher]", "categories: []", "laws.tax_rules_29.categories"),
        ("source: secondary", "source: hearsay", "laws.catering_orders.source"),
        ("zone: Asia/Shanghai", "zone: Middle/Earth", "zone"),
        ("version: moat-2026-11", "version: '张三'", "version"),
        ("  pipl_56:", "  PIPL 56:", "laws"),
        ("laws:", "laws: [", "it is no YAML"),
    ],
)
def test_a_file_of_laws_that_is_wrong_is_refused_with_its_place(was: str, becomes: str, place: str) -> None:
    text = SHIPPED.read_text()
    assert was in text
    with pytest.raises(LawTextError) as refused:
        parse_laws(text.replace(was, becomes, 1))
    assert refused.value.place == place


def test_a_file_of_laws_is_read_from_where_the_operator_says(tmp_path: Path) -> None:
    file = tmp_path / "laws.yaml"
    source = yaml.safe_load(SHIPPED.read_text())
    file.write_text(yaml.safe_dump({**source, "laws": {"own": source["laws"]["pipl_56"]}}))
    assert [law.id for law in read_laws(file).provisions] == ["own"]
    with pytest.raises(LawTextError):
        read_laws(tmp_path / "missing.yaml")


def kept(one: Holding, *, acts: frozenset[Act] = ALL, **known: object) -> Kept | None:
    told = {"laws": shipped_laws(), "regime": "pipl", "at": at("2026-02-01"), **known}
    (judged,) = judge([one], acts, Circumstances(**told))  # type: ignore[arg-type]
    return judged.kept


def test_a_hold_goes_before_an_order_that_runs_and_that_before_a_law() -> None:
    order = holding("order")
    assert kept(order) == Kept(KeepReason.LEGAL_OBLIGATION, "ecommerce_31", at("2029-01-31T16:00"))
    assert kept(order, running={"order:1"}) == Kept(KeepReason.ORDER_RUNNING, "order_running")
    assert kept(order, running={"order:1"}, holds={0: "tax_audit"}) == Kept(KeepReason.LEGAL_HOLD, "tax_audit")


def test_what_a_holder_says_that_it_must_keep_is_believed_until_its_end() -> None:
    stated: dict[str, Any] = {"kept_by": "own_law", "kept_until": at("2026-03-01")}
    assert kept(holding("visit", **stated)) == Kept(KeepReason.LEGAL_OBLIGATION, "own_law", at("2026-03-01"))
    assert kept(holding("visit", **stated), at=at("2026-03-01")) is None
    assert kept(holding("visit", kept_by="case")) == Kept(KeepReason.KEPT_BY_HOLDER, "case")
    assert kept(holding("visit", kept_by="order_under_way")) == Kept(KeepReason.ORDER_RUNNING, "order_under_way")


def test_who_cannot_dispose_keeps_and_says_so() -> None:
    assert kept(holding("visit"), acts=frozenset({Act.INVENTORY})) == Kept(KeepReason.NOT_SUPPORTED, "not_supported")


def test_the_account_stays_as_long_as_anything_does_for_the_reason_that_lasts_longest() -> None:
    account = Judged(holding("account", "", ref=""), None)
    law = Kept(KeepReason.LEGAL_OBLIGATION, "ecommerce_31", 9)
    hold = Kept(KeepReason.LEGAL_HOLD, "tax_audit")
    visit = Judged(holding("visit"), None)
    assert with_account([account, visit], []) == [account, visit]
    assert [one.kept for one in with_account([account, visit], [law])] == [law, None]
    assert [one.kept for one in with_account([account, visit], [hold, law])] == [hold, None]
    assert kept_uses(with_account([account, visit], [law])) == {("account", "", "")}
