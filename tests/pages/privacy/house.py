"""One deployment for browsers, with somebody in it who has a history: orders, looks, consents, requests and a breach."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.dsar.identity.centre import Centre, Someone, centre_at
from tests.pages.listening import listening
from tests.pages.privacy.guest import carry, publish
from tests.support.server import free_port
from web.principal import Role

PRIVACY = "/privacy/default"


@dataclass(frozen=True, slots=True)
class House:
    """A served deployment. `url` is where browsers go."""

    centre: Centre
    url: str

    def person(self) -> Someone:
        """Somebody with much about them."""
        phone = self.centre.nobody().fields["phone"]
        return self.centre.person(
            phone=phone,
            email=f"li{phone}@example.com",
            name="李晓雨",
            **{"address.home": "上海市静安区南京西路1266号6601室", "address.work": "上海市徐汇区漕溪北路88号"},
        )

    def history(self, who: Someone) -> None:
        """Orders that couriers and support looked at, a consent, a request that is done, and a breach."""
        centre = self.centre
        support = centre.credential(Role.SUPPORT)
        items = [
            {"subject": who.account, "kind": "phone", "value": who.fields["phone"]},
            {"subject": who.account, "kind": "address", "value": who.fields["address.home"]},
        ]
        for order in ("order:o-1", "order:o-2"):
            used = {"purpose": "delivery", "ref": order}
            made = centre.ok("POST", "/v1/tokenize", {**used, "items": items}, bearer=centre.service)
            tokens = [{"token": one["token"]} for one in made["items"]]
            centre.ok("POST", "/v1/detokenize", {**used, "items": tokens}, bearer=centre.service)
            centre.clock.advance(minutes=7)
        asked = {"purpose": "support", "items": tokens}
        centre.call("POST", "/v1/detokenize", asked, bearer=support)
        given = {"subject": who.account, "purpose": "marketing_sms", "state": "given"}
        shown = {"subject": who.account, "purposes": ["marketing_sms"], "locale": "zh-Hans", "channel": "app"}
        token = centre.ok("POST", "/v1/presentations", shown, bearer=centre.service)["presentation"]
        centre.ok("POST", "/v1/consents", {"items": [{**given, "presentation": token}]}, bearer=centre.service)
        self.breach(who)
        publish(centre)

    def breach(self, who: Someone) -> None:
        """A breach that the person was told of, by two officers."""
        centre = self.centre
        told = {
            "subjects": [who.account],
            "kinds": ["name", "phone"],
            "cause": "supplier",
            "harms": ["scam_calls"],
            "measures": ["stopped", "reported"],
            "advice": ["distrust_calls", "no_codes"],
            "happened_at": centre.clock().isoformat(),
        }
        made = centre.ok("POST", "/v1/breaches", told, bearer=centre.officer)
        second = centre.credential(Role.PRIVACY_OFFICER)
        centre.ok("POST", f"/v1/jobs/{made['job']}/approve", bearer=second)
        carry(centre)


@contextmanager
def house_at(place: Path) -> Iterator[House]:
    """A house on SQLite."""
    with centre_at(place, None, names_processes=0, privacy_url="https://privacy.example.com") as centre:
        port = free_port()
        with listening(centre.moat.app, port):
            yield House(centre, f"http://localhost:{port}")
