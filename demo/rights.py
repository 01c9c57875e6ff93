"""What people of the demo ask about their data, so that every state of a request is there: each was brought to it by the calls
that an app, a person and two officers make, on the days on which they would have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from moat_client.requests import Asked

from demo.cast import ERASURE, HELD, SEED
from demo.company import Company
from demo.people import person

WORDS: Final = "最近换了手机号,请帮忙看一下。"


@dataclass(frozen=True, slots=True)
class Case:
    """A request made so many days ago by a customer, and what is done about it at once: names of `Officers`' acts, with what they
    take after a colon."""

    days: int
    customer: int
    right: str
    acts: Sequence[str] = ()
    regime: str = "pipl"
    more: dict[str, object] = field(default_factory=dict)

    def asked(self) -> Asked:
        """The request as the app hands it in."""
        subject = person("customer", self.customer, SEED).subject
        return Asked(subject, self.right, self.regime, text=WORDS, **self.more)  # type: ignore[arg-type]  # named fields


_RIGHT_NAME: Final[dict[str, object]] = {"corrections": {"name": "王小满"}}
_MARKETING: Final[dict[str, object]] = {"purposes": ("marketing_sms",)}


def _complaint(category: str) -> dict[str, object]:
    return {"category": category}


CASES: Final = (
    Case(58, 10, "access", ("see",)),
    Case(56, 11, "rectification", ("accept",), more=_RIGHT_NAME),
    Case(54, 12, "complaint", ("accept", "settle:upheld"), more=_complaint("unwanted_contact")),
    Case(52, 13, "access", ("see",)),
    Case(50, 14, "erasure", ("accept", "approve")),
    Case(47, 15, "objection", ("accept",), more=_MARKETING),
    Case(46, 16, "access", ("deny:excessive",)),
    Case(44, 17, "access", ("pause:identity",)),
    Case(42, 18, "restriction", ("accept",)),
    Case(41, 36, "objection", ("accept",), more={"purposes": ("delivery",)}),
    Case(40, 19, "access", ("withdraw",)),
    Case(38, 20, "explanation", ("see",)),
    Case(36, 21, "portability", ("see",)),
    Case(34, 22, "complaint", ("acknowledge",), more=_complaint("wrong_data")),
    Case(32, 23, "account_closure", ("accept", "approve")),
    Case(30, HELD, "erasure", ("accept",)),
    Case(26, 24, "rectification", ("accept",), more=_RIGHT_NAME),
    Case(24, 25, "erasure", ("see", "extend:complex"), "gdpr_de"),
    Case(20, 26, "erasure", ()),
    Case(19, 26, "erasure", ()),
    Case(16, 27, "complaint", ("accept", "settle:not_upheld"), more=_complaint("rights_late")),
    Case(12, 28, "access", ("see",)),
    Case(10, ERASURE, "erasure", ("accept",)),
    Case(8, 29, "erasure", ("accept",)),
    Case(6, 30, "rectification", ("pause:clarification",), more=_RIGHT_NAME),
    Case(5, 31, "complaint", ("accept",), more=_complaint("leaked")),
    Case(4, 32, "access", ("verify",)),
    Case(2, 33, "restriction", ("acknowledge",)),
    Case(1, 34, "erasure", ()),
    Case(0, 35, "access", ()),
)
"""The earliest first."""


class Officers:
    """What the officers do with a request; the second one approves."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._officer = company.door("privacy")
        self._deputy = company.door("deputy")

    def play(self, case: Case) -> None:
        """Hand a request in, and do what its case says."""
        request = self._company.door("orders").requests.make(case.asked()).id
        for act in case.acts:
            name, _, given = act.partition(":")
            self._do(request, name, given)

    def _do(self, request: str, act: str, given: str) -> None:
        requests = self._officer.requests
        match act:
            case "acknowledge":
                requests.acknowledge(request)
            case "see":
                self._officer.identity.seen(request, "identity", "id_card")
            case "verify":
                self._officer.identity.send_code(request)
            case "accept":
                self._officer.identity.seen(request, "identity", "id_card")
                requests.accept(request)
                self._company.opened.settle()
            case "approve":
                self._deputy.requests.approve(request)
                self._company.opened.settle()
            case "withdraw":
                self._company.door("orders").requests.withdraw(request)
            case _:
                getattr(requests, act)(request, given)
