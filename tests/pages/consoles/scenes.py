"""What the consoles show in a real browser: requests, a hold, calls and a case, versions that differ, and a log that was counted.

Names and words are hostile wherever somebody outside chooses them: no page may take them for anything but text."""

from dataclasses import dataclass
from typing import Any

import httpx

import settings
from audit.event_id import uuid7
from audit.log import AuditLog
from audit.publisher import Publisher
from composition.audit_log import publisher_surroundings
from composition.catalogue import _SENSITIVE
from composition.clock import utc_now
from consent.catalogues.occasion import Occasion as Applying
from consent.catalogues.publication import Publication
from database.columns import millis
from tests.pages.served import Served
from tests.support.catalogue import source
from web.principal import Role

HOSTILE = '"><script>document.title="hostile"</script><img src=x onerror=alert(1)>'
NUMBERS = [f"+861701235{number:04}" for number in range(7)]
CALLER = "13987650009"


@dataclass(frozen=True, slots=True)
class Scene:
    """What has happened. `request` is an erasure that waits, `case` what looked like abuse."""

    served: Served
    request: str
    case: int

    def count(self) -> None:
        """Have the log published and counted."""
        moat, place = self.served.moat, self.served.place
        chosen = settings.load(data=place / "data", keys=place / "keys")
        publisher = Publisher(publisher_surroundings(chosen, moat.database, moat.keyring._roots, utc_now))
        while publisher.run_once():
            pass
        publisher.close()
        moat.work.rounds["audit_tally"](0)


def scene(served: Served) -> Scene:
    """Have all of it happen."""
    calls = {role: _client(served, role) for role in (Role.SERVICE, Role.OPERATOR, Role.SWITCH, Role.PRIVACY_OFFICER)}
    request = _asked(calls[Role.SERVICE])
    _disclosed(calls[Role.SERVICE])
    _called(calls[Role.OPERATOR], calls[Role.SWITCH])
    served.moat.work.rounds["relay_abuse"](millis(utc_now()))
    (case,) = calls[Role.PRIVACY_OFFICER].get("/v1/relay/cases").json()["items"]
    hold = {
        "scope": {"ref": "order:o-1"},
        "reason": "litigation",
        "case": "C-2026-7",
        "review_at": "2027-06-01T00:00:00Z",
    }
    calls[Role.PRIVACY_OFFICER].post("/v1/holds", json=hold)
    calls[Role.SERVICE].get("/v1/purposes").raise_for_status()  # the starter is on record from now on
    _reworded(served)
    made = Scene(served, request, int(case["case"]))
    made.count()
    for one in calls.values():
        one.close()
    return made


def _client(served: Served, role: Role) -> httpx.Client:
    headers = {"Authorization": f"Bearer {served.credential(role, f'scene.{role.value}')}"}
    return httpx.Client(base_url=served.url, headers=headers, trust_env=False, timeout=30)


def _asked(service: httpx.Client) -> str:
    """Somebody with a hostile name asks for several things; the number of an erasure."""
    fields = {"phone": CALLER, "name": HOSTILE[:60], "address": f"上海市浦东新区张江路1号{HOSTILE}"[:120]}
    person = {"type": "customer", "purpose": "account", "fields": fields}
    service.put("/v1/subjects/cust-scene", json=person).raise_for_status()
    numbers = []
    for right in ("access", "restriction", "erasure"):
        body = {"subject": "cust-scene", "right": right, "regime": "pipl", "text": HOSTILE}
        numbers.append(str(service.post("/v1/requests", json=body).raise_for_status().json()["request"]))
    return numbers[-1]


def _disclosed(service: httpx.Client) -> None:
    def token(purpose: str) -> str:
        item = {"subject": "cust-scene", "kind": "phone", "value": CALLER, "ref": "order:o-1"}
        made = service.post("/v1/tokenize", json={"purpose": purpose, "items": [item]}).raise_for_status()
        return str(made.json()["items"][0]["token"])

    for purpose, count in (("delivery", 3), ("support", 2), ("marketing_sms", 1)):
        items = [{"token": token(purpose)}]
        for view in ("masked", "plain") * count:
            asked: dict[str, Any] = {"purpose": purpose, "view": view, "ref": "order:o-1", "items": items}
            service.post("/v1/detokenize", json=asked)


def _called(operator: httpx.Client, switch: httpx.Client) -> None:
    """One caller tries numbers that lead them nowhere."""
    operator.post("/v1/relay/pools", json={"pool": "riders", "modes": ["axb"]}).raise_for_status()
    stocked = {"pool": "riders", "items": [{"number": number} for number in NUMBERS]}
    operator.post("/v1/relay/numbers", json=stocked).raise_for_status()
    for number in NUMBERS:
        switch.post("/v1/relay/route", json={"called": number, "caller": CALLER}).raise_for_status()


def _reworded(served: Served) -> None:
    """The catalogue says something else of one purpose."""
    now = served.occasion()
    applying = Applying(tenant=served.tenant, actor=now.actor, request=str(uuid7(now.at)), at=now.at)
    changed = source(**{"version": 2, "purposes__account__description__zh-Hans": f"创建和维护您的账号{HOSTILE[2:30]}"})
    Publication(served.moat.database, AuditLog(), _SENSITIVE).apply(changed, applying)
