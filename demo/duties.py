"""What those who answer for data do in the demo, whether or not anybody asks: hold what a case needs, dispose of what nobody
needs, rotate keys, freeze a courier, tell people of a breach, and hand the log to an auditor."""

from typing import Final

from demo.cast import FROZEN, HELD, LITTLE, MUCH, SEED
from demo.company import Company
from demo.people import person

BREACH: Final[dict[str, object]] = {
    "kinds": ["name", "phone"],
    "cause": "supplier",
    "harms": ["scam_calls"],
    "measures": ["stopped", "reported"],
    "advice": ["distrust_calls", "no_codes"],
}
SLOWLY: Final = 1
"""People a second whose keys the last rotation renews, so that its progress can be watched."""


def hold(company: Company) -> None:
    """Hold what two cases need; the review of one is due already."""
    held = {"subject": person("customer", HELD, SEED).subject}
    notes = {"kind": "note", "ref": "order:o-000003"}
    place = company.door("privacy").holds.place
    place(held, reason="litigation", case="2026-civil-118", review_at=company.ago(-60).isoformat())
    place(notes, reason="food_safety_investigation", case="2026-food-7", review_at=company.ago(5).isoformat())


def release(company: Company) -> None:
    """A hold that is not needed any more: one asks, another approves."""
    privacy, deputy = company.door("privacy"), company.door("deputy")
    review_at = company.ago(-30).isoformat()
    placed = privacy.holds.place(
        {"ref": "order:o-000001"}, reason="consumer_dispute", case="2026-dispute-41", review_at=review_at
    )
    deputy.approve_job(privacy.holds.release(placed.number))


def dispose(company: Company) -> None:
    """A plan of what is due and, approved by another person, its run."""
    company.opened.settle()  # the plan of the day, which the timetable asks for, comes first
    privacy, deputy = company.door("privacy"), company.door("deputy")
    plan = privacy.retention.make_plan()
    company.opened.settle()
    run = privacy.retention.start_run(plan)
    if privacy.job(run).state == "awaiting_approval":
        deputy.approve_job(run)
    company.opened.settle()


def freeze(company: Company) -> None:
    """A courier lost the phone."""
    risk = company.door("risk").handover
    risk.freeze("courier", subject=person("courier", FROZEN, SEED).subject, reason="lost_device")
    risk.honey_token(place="orders_backup")


def tell_of_breach(company: Company) -> None:
    """Two officers have people told."""
    told = [person("customer", number, SEED).subject for number in (MUCH, LITTLE, 40, 41)]
    facts = {**BREACH, "happened_at": company.ago(19).isoformat()}
    company.door("deputy").approve_job(company.door("privacy").breaches.report(told, facts).job)
    company.opened.settle()


def rotate(company: Company) -> None:
    """New keys for all keys of people."""
    company.door("operator").rotate_key("kek")
    company.opened.settle()


def keep_rotating(company: Company) -> None:
    """A rotation that goes on while one looks."""
    company.door("operator").rotate_key("dek", throttle=SLOWLY)


def export(company: Company) -> None:
    """The log as files, for an auditor."""
    company.door("auditor").export_audit(formats=["csv"])
    company.opened.settle()
