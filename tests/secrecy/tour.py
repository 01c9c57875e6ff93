"""Every operation of the service once as it should be used, with canaries for values."""

import time
from pathlib import Path
from typing import Any

from database.columns import rfc3339
from tests.dsar.identity.signing import Platform
from tests.secrecy.adapter_tour import AdapterTour
from tests.secrecy.calls_tour import CallsTour
from tests.secrecy.canary import BY_KIND, CANARIES, CUSTOMER, ERASED, RIDER, STREAMED, SUBJECTS
from tests.secrecy.consoles import ConsoleTour
from tests.secrecy.exchange import Recorder, raw
from tests.secrecy.handover_tour import HandoverTour
from tests.secrecy.order_tour import OrderTour
from tests.secrecy.package import PackageTour
from tests.secrecy.person import PersonTour
from tests.secrecy.privacy_centre import PrivacyCentreTour
from tests.secrecy.relay_tour import RelayTour
from tests.secrecy.staff import StaffTour
from tests.support.server import Server

JSON = {"Content-Type": "application/json"}
ORDER = "o-canary-1"
NUMBERED_WITHIN_SECONDS = 30.0
EXPORTED_WITHIN_SECONDS = 30.0
ROTATED_WITHIN_SECONDS = 120.0
DELIVERED_WITHIN_SECONDS = 30.0
ERASED_WITHIN_SECONDS = 60.0
PHONE, ADDRESS = BY_KIND["phone"], BY_KIND["address"]


class Tour:
    """Goes through the service; `credentials` holds one of each role, `receiver` is an origin that takes webhooks, `messages` a
    file that messages go into."""

    def __init__(self, server: Server, recorder: Recorder, receiver: str, messages: Path) -> None:
        self._record = recorder
        self.person = PersonTour(recorder, messages)
        self.staff = StaffTour(recorder, server.port)
        self.consoles = ConsoleTour(recorder, server.port)
        self._receiver = receiver
        further: dict[str, list[str]] = {"service": ["vault:preserving", "act_as:courier", "act_as:customer"]}
        self.credentials = {
            role: server.credential(role, scopes=further.get(role, []))
            for role in ("service", "privacy_officer", "auditor", "operator", "switch")
        }
        self.credentials["colleague"] = server.credential("privacy_officer")
        self.credentials["admin"] = (server.keys / "bootstrap-credential").read_text().strip()
        self.denied_request = ""

    def go(self) -> None:
        """Make every call; the order matters, for shredding comes last."""
        tokens = self._tokenize()
        self._open(tokens)
        OrderTour(self._call).go(tokens["address"][0])
        HandoverTour(self._call).go()
        self._people()
        self._credentials()
        self._consents(tokens)
        self._webhooks()
        self._catalogue()
        self._mask()
        RelayTour(self._call).go()
        AdapterTour(self._call, self._record, self._receiver).go()
        CallsTour(self._call).go()
        self._hold()
        self._requests()
        self._identity()
        self._holders()
        self._retention()
        self.staff.go(self.credentials["admin"], [canary.writings[0] for canary in CANARIES])
        self.consoles.go(self.credentials["admin"])
        self._look()
        self._erase()

    def _call(
        self, role: str, method: str, path: str, body: object = None, *, expected: int = 200, **options: Any
    ) -> Any:
        if body is not None:
            headers: dict[str, str] = options.get("headers", {})
            options |= {"content": raw(body), "headers": {**JSON, **headers}}
        answer = self._record.call(method, path, credential=self.credentials[role], **options)
        assert answer.status_code < 400 or answer.status_code == expected, f"{method} {path}: {answer.text}"
        return answer

    def _tokenize(self) -> dict[str, list[str]]:
        tokens: dict[str, list[str]] = {}
        for canary in CANARIES:
            items = [
                {"subject": CUSTOMER, "kind": canary.kind, "value": writing, "mode": mode}
                for writing in canary.writings
                for mode in ("stable", "fresh")
            ]
            body = {"purpose": canary.purpose, "ref": f"order:{ORDER}", "items": items, "atomic": True}
            for _ in range(2):
                answer = self._call("service", "POST", "/v1/tokenize", body, headers={"Idempotency-Key": canary.kind})
                tokens[canary.kind] = [item["token"] for item in answer.json()["items"]]
        preserving = [
            {"subject": CUSTOMER, "kind": kind, "value": BY_KIND[kind].writings[0], "format": "preserving"}
            for kind in ("phone", "id_card", "bank_card")
        ]
        self._call("service", "POST", "/v1/tokenize", {"purpose": "payment", "items": preserving})
        lines = [
            {"subject": STREAMED, "kind": canary.kind, "value": canary.writings[0], "purpose": canary.purpose}
            for canary in CANARIES
        ]
        stream = b"\n".join([*map(raw, lines), raw({**lines[0], "kind": PHONE.writings[0]}), raw(lines[0])[:-9]])
        self._record.call(
            "POST", "/v1/tokenize/stream", credential=self.credentials["service"], content=stream,
            headers={"Content-Type": "application/x-ndjson"},
        )  # fmt: skip
        return tokens

    def _open(self, tokens: dict[str, list[str]]) -> None:
        for kind, issued in tokens.items():
            canary = BY_KIND[kind]
            items = [{"token": token} for token in issued]
            for view, form in (("masked", "submitted"), ("plain", "submitted"), ("plain", "normal")):
                shows = frozenset(canary.texts) if view == "plain" else frozenset[str]()
                asked = {"purpose": canary.purpose, "ref": f"order:{ORDER}", "view": view, "form": form, "items": items}
                headers = {"Idempotency-Key": f"{kind}-{view}-{form}"}
                self._call("service", "POST", "/v1/detokenize", asked, headers=headers, shows=shows)
            body = {"purpose": canary.purpose, "items": [{"kind": kind, "value": text} for text in canary.texts]}
            self._call("service", "POST", "/v1/search", body)
            self._call("service", "GET", f"/v1/tokens/{issued[0]}")
            self._call("service", "DELETE", f"/v1/tokens/{issued[-1]}")
        self._call("service", "PUT", f"/v1/orders/{ORDER}/assignment", {"courier": RIDER, "stage": "picked_up"})
        acting: dict[str, Any] = {
            "purpose": "delivery",
            "ref": f"order:{ORDER}",
            "on_behalf_of": {"role": "courier", "subject": RIDER},
        }
        for view, kind, shows in (("plain", "address", frozenset(ADDRESS.texts)), ("plain", "phone", frozenset[str]())):
            asked = {**acting, "view": view, "items": [{"token": tokens[kind][0]}]}
            answer = self._call("service", "POST", "/v1/detokenize", asked, shows=shows)
        self.denied_request = answer.headers["X-Request-Id"]

    def _people(self) -> None:
        fields = {canary.kind: canary.writings[0] for canary in CANARIES if canary.kind in _ACCOUNT}
        fields["address.work"] = ADDRESS.writings[0]
        for subject in SUBJECTS:
            self._call("service", "PUT", f"/v1/subjects/{subject}", {"purpose": "account", "fields": fields})
            self._call("service", "GET", f"/v1/subjects/{subject}")
        self._call("service", "PUT", f"/v1/subjects/{CUSTOMER}", {"purpose": "account", "fields": {"email": None}})
        for act in ("freeze", "unfreeze"):
            self._call("privacy_officer", "POST", f"/v1/subjects/{CUSTOMER}/{act}")

    def _credentials(self) -> None:
        made = self._call("admin", "POST", "/v1/credentials", {"name": "made", "role": "courier"}).json()
        self._call("admin", "POST", f"/v1/credentials/{made['id']}/rotate", {"overlap": 0})
        self._call("admin", "GET", "/v1/credentials")
        self._call("admin", "DELETE", f"/v1/credentials/{made['id']}")
        self._call("admin", "GET", "/v1/whoami")

    def _consents(self, tokens: dict[str, list[str]]) -> None:
        """From a notice to a use by consent, and past its withdrawal; a personal id is refused in its place."""
        purpose = "marketing_sms"
        asked = {"subject": CUSTOMER, "purposes": [purpose], "locale": "zh-Hans", "channel": "app"}
        token = self._call("service", "POST", "/v1/presentations", asked).json()["presentation"]
        said = {"subject": CUSTOMER, "purpose": purpose, "state": "given", "presentation": token}
        proved = {"subject": PHONE.writings[0], "purpose": purpose, "state": "given", "evidence": {"kind": "paper"}}
        for _ in range(2):
            answer = self._call(
                "service", "POST", "/v1/consents", {"items": [said, proved]}, headers={"Idempotency-Key": "consent"}
            )
        assert answer.json()["items"][1]["error"]["code"] == "subject_is_personal"
        use = {"subject": CUSTOMER, "purpose": purpose, "kind": "phone"}
        reveal = {"purpose": purpose, "view": "plain", "items": [{"token": tokens["phone"][0]}]}
        decided = self._call("service", "POST", "/v1/decisions", {"items": [use]}).json()["items"][0]
        self._call("service", "POST", "/v1/detokenize", reveal, shows=frozenset(PHONE.texts))
        self._call("service", "POST", "/v1/consents", {"items": [{**said, "state": "withdrawn", "presentation": None}]})
        self._call("service", "POST", "/v1/decisions", {"items": [use, {**use, "at": decided["at"]}]})
        answer = self._call("service", "POST", "/v1/detokenize", reveal)
        self._call("service", "GET", f"/v1/explanations/{answer.headers['X-Request-Id']}")
        for path in ("consents", f"consents?as_of={decided['at']}", "consents/history"):
            self._call("service", "GET", f"/v1/subjects/{CUSTOMER}/{path}")

    def _webhooks(self) -> None:
        """What subscribers are told of a person, and what the person can keep."""
        events = ["consent.refused", "consent.withdrawn"]
        hook = {"url": f"{self._receiver}/hook", "events": events}
        one = f"/v1/webhooks/{self._call('operator', 'POST', '/v1/webhooks', hook).json()['webhook']}"
        said = {"items": [{"subject": CUSTOMER, "purpose": "recommendation", "state": "refused"}]}
        consent = self._call("service", "POST", "/v1/consents", said).json()["items"][0]["consent"]
        self._call("service", "POST", "/v1/signals/gpc", {"subject": CUSTOMER})
        until = time.monotonic() + DELIVERED_WITHIN_SECONDS
        while self._call("operator", "GET", f"{one}/deliveries?state=delivered").json()["counts"]["delivered"] < 2:
            assert time.monotonic() < until, "subscribers are not told"
            time.sleep(0.1)
        for path in ("/v1/webhooks", one):
            self._call("operator", "GET", path)
        for act, body in (("rotate", {"overlap": 60}), ("pause", None), ("resume", None), ("replay", {})):
            self._call("operator", "POST", f"{one}/{act}", body)
        self._call("operator", "DELETE", one)
        for form in ("json", "jsonld"):
            self._call("service", "GET", f"/v1/subjects/{CUSTOMER}/consents/{consent}/receipt?format={form}")
            self._call("service", "GET", f"/v1/subjects/{CUSTOMER}/consent-records?format={form}")
        for path in ("/.well-known/gpc.json", "/.well-known/jwks.json"):
            self._record.call("GET", path)

    def _catalogue(self) -> None:
        """What people are told, and who gets what of one of them."""
        for path in ("catalogue", "purposes", "purposes/delivery", "notices/delivery", "recipients"):
            self._call("service", "GET", f"/v1/{path}")
        for form in ("json", "text"):
            self._call("service", "GET", f"/v1/notices/delivery/1?locale=en&format={form}")
        for form in ("html", "json", "csv"):
            self._call("auditor", "GET", f"/v1/ropa?format={form}")
        self._call("service", "GET", f"/v1/subjects/{CUSTOMER}/recipients")

    def _mask(self) -> None:
        """Values, and texts around them, in every mode."""
        values = [{"kind": canary.kind, "value": writing} for canary in CANARIES for writing in canary.writings]
        self._call("service", "POST", "/v1/mask", {"items": values})
        told = ("phone", "email", "id_card", "bank_card")
        texts = [{"text": f"请联系{BY_KIND[kind].writings[0]},谢谢"} for kind in told]
        for mode in ("mask", "replace"):
            self._call("service", "POST", "/v1/redact", {"items": texts, "mode": mode})
        about = {
            "items": [{**text, "subject": CUSTOMER} for text in texts],
            "mode": "tokenize",
            "purpose": "delivery",
        }
        self._call("service", "POST", "/v1/redact", about)
        self._record.call(
            "POST", "/v1/redact/stream", credential=self.credentials["service"],
            content=b"\n".join(map(raw, [*texts, {"text": 7}])), headers={"Content-Type": "application/x-ndjson"},
        )  # fmt: skip

    def _hold(self) -> None:
        """A hold from its case to its release, and values where ids belong."""
        wanted = {"reason": "litigation", "case": "case-1", "review_at": rfc3339(int((time.time() + 86_400) * 1000))}
        for scope in ({"ref": f"order:{PHONE.writings[0]}"}, {"subject": PHONE.writings[0]}):
            self._call("privacy_officer", "POST", "/v1/holds", {"scope": scope, **wanted}, expected=422)
        scope = {"subject": STREAMED, "kind": "phone", "ref": f"order:{ORDER}"}
        made = self._call("privacy_officer", "POST", "/v1/holds", {"scope": scope, **wanted}).json()["hold"]
        for path in ("/v1/holds", f"/v1/holds/{made}"):
            self._call("privacy_officer", "GET", path)
        review = {"review_at": wanted["review_at"]}
        self._call("privacy_officer", "POST", f"/v1/holds/{made}/review", review)
        job = self._call("privacy_officer", "DELETE", f"/v1/holds/{made}").json()["job"]
        self._call("operator", "POST", f"/v1/jobs/{job}/approve")
        nobody = "00000000-0000-7000-8000-000000000000"
        self._call("privacy_officer", "POST", f"/v1/requests/{nobody}/lift", expected=404)

    def _requests(self) -> None:
        """What people ask, with their words and with values where ids belong, and every decision of an officer."""
        said = {"text": f"请联系{PHONE.writings[0]}", "corrections": {"phone": PHONE.writings[0]}}
        asked = {"subject": CUSTOMER, "right": "rectification", "regime": "gdpr", **said}
        self._call("service", "POST", "/v1/requests", {**asked, "regime": PHONE.writings[0]}, expected=422)
        made = self._call("service", "POST", "/v1/requests", asked).json()["request"]
        one = f"/v1/requests/{made}"
        for path in (
            "/v1/requests",
            one,
            "/v1/requests/statistics?year=2026",
            "/v1/requests/statistics?year=2026&format=csv",
        ):
            self._call("privacy_officer", "GET", path)
        self._call("service", "GET", f"{one}/status")
        self._call("privacy_officer", "GET", f"{one}/words", shows=frozenset(PHONE.texts))
        for act, body in (
            ("acknowledge", {}),
            ("assign", {"assignee": 1}),
            ("pause", {"reason": "clarification"}),
            ("resume", {}),
            ("extend", {"reason": "complex"}),
            ("accept", {}),
            ("approve", {}),
            ("complete", {}),
            ("settle", {"outcome": "upheld"}),
        ):
            self._call("privacy_officer", "POST", f"{one}/{act}", body, expected=409)
        self._call("service", "POST", f"{one}/withdraw", {})
        erasure = {"subject": PHONE.writings[1], "right": "erasure", "regime": "pipl"}
        self._call("service", "POST", "/v1/requests", erasure, expected=422)
        unknown = self._call("service", "POST", "/v1/requests", {**erasure, "subject": "nobody-knows"}).json()[
            "request"
        ]
        self._call("privacy_officer", "POST", f"/v1/requests/{unknown}/deny", {"reason": "nothing_held"})
        self._record.call("GET", "/v1/complaints/standard")

    def _identity(self) -> None:
        """What a person does, by every way in, and what the platform and its officers do to know who it is."""
        platform, person = Platform(), self.person
        key = self._call("operator", "POST", "/v1/session-keys", {"public_key": platform.pem}).json()["key"]
        self._call("operator", "GET", "/v1/session-keys")
        by_link = person.by_link(self._call("service", "POST", f"/v1/subjects/{CUSTOMER}/sessions").json()["url"])
        by_code = person.by_code(CUSTOMER, PHONE.writings[0])
        by_assertion = person.by_assertion(platform, CUSTOMER)
        self._call("operator", "DELETE", f"/v1/session-keys/{key}")
        made = person.go(by_link, f"请联系{PHONE.writings[0]}")
        path = f"/v1/requests/{made}/verify"
        self._call("service", "POST", path, {"method": "session", "session": by_assertion})
        seen = {"method": "document", "proof": "identity", "document": "id_card"}
        self._call("privacy_officer", "POST", path, seen)
        self._call("service", "POST", path, {"method": "code", "session": PHONE.writings[0]}, expected=422)
        self._call("privacy_officer", "GET", path)
        self._pages(by_assertion)
        person.end(by_code, made)
        PackageTour(self._call, self._record, person).go(by_link)

    def _pages(self, session: str) -> None:
        """What a person sees in a browser, and what officers have people told."""
        pages = PrivacyCentreTour(self._record)
        pages.go(session, f"请联系{PHONE.writings[0]}", PHONE.writings[0])
        pages.sign_in(PHONE.writings[0])
        facts = {"kinds": ["phone"], "cause": "unknown", "harms": ["spam"], "measures": ["watching"]}
        told = {**facts, "advice": ["no_codes"], "happened_at": "2026-11-01T00:00:00Z"}
        asked = {**told, "subjects": [CUSTOMER]}
        breach = self._call("privacy_officer", "POST", "/v1/breaches", asked).json()["breach"]
        for path in ("/v1/breaches", f"/v1/breaches/{breach}"):
            self._call("privacy_officer", "GET", path)

    def _holders(self) -> None:
        """Who holds data, and tasks that there are not."""
        for path in ("/v1/holders", "/v1/holders/keys", "/v1/holders/dead-tasks"):
            self._call("privacy_officer", "GET", path)
        self._call("privacy_officer", "GET", "/v1/requests/00000000-0000-7000-8000-000000000000/tasks")
        for path in ("/v1/holders/tasks/1/replay", "/v1/holders/tasks/1/cancel", f"/v1/holders/{CUSTOMER}/check"):
            self._call("privacy_officer", "POST", path, expected=422 if CUSTOMER in path else 404)

    def _retention(self) -> None:
        """A phone whose order ended long ago goes; what cannot be told of is refused in its place."""
        ref = "order:o-canary-old"
        item = {"subject": STREAMED, "kind": "phone", "value": PHONE.writings[0], "ref": ref}
        self._call("service", "POST", "/v1/tokenize", {"purpose": "delivery", "items": [item]})
        told = {"event": "order.completed", "ref": ref, "at": "2026-01-01T00:00:00Z"}
        personal = {**told, "ref": f"order:{PHONE.writings[0]}"}
        answer = self._call("service", "POST", "/v1/retention/events", {"items": [told, personal]})
        assert answer.json()["items"][1]["error"]["code"] == "ref_is_personal"
        plan = self._call("privacy_officer", "POST", "/v1/retention/plans").json()["plan"]
        self._finish(plan)
        run = self._call("privacy_officer", "POST", "/v1/retention/runs", {"plan": plan}).json()["run"]
        self._finish(run)
        one = f"plans/{plan}"
        for path in (
            "plans",
            "runs",
            one,
            f"{one}?format=csv",
            f"{one}/items",
            f"runs/{run}",
            "policy",
            "alerts",
            "counts",
        ):
            self._call("privacy_officer", "GET", f"/v1/retention/{path}")
        assert self._call("privacy_officer", "GET", f"/v1/retention/runs/{run}").json()["disposed"] == 1

    def _finish(self, job: str) -> None:
        """Return when a job is done."""
        until = time.monotonic() + ROTATED_WITHIN_SECONDS
        while self._call("privacy_officer", "GET", f"/v1/jobs/{job}").json()["state"] != "done":
            assert time.monotonic() < until, "a job does not end"
            time.sleep(0.1)

    def _look(self) -> None:
        self._call("auditor", "GET", "/v1/audit/entries?limit=1000")
        self._call("auditor", "GET", f"/v1/explanations/{self.denied_request}")
        self._keys()
        self._call("operator", "GET", "/metrics")
        self._export()
        self._prove()
        for path in ("/healthz", "/readyz", "/openapi.json", "/docs", "/docs/errors", "/docs/errors/not_found"):
            self._record.call("GET", path)

    def _keys(self) -> None:
        """Every key rotated, and a person named by what is no id."""
        self._call("operator", "POST", "/v1/keys/dek/rotate", {"subject": PHONE.writings[0]}, expected=422)
        rotations: dict[str, dict[str, object]] = {
            "dek": {"subject": CUSTOMER},
            "kek": {},
            "index": {},
            "token": {},
            "root": {},
        }
        jobs = [
            self._call("operator", "POST", f"/v1/keys/{key}/rotate", body).json() for key, body in rotations.items()
        ]
        until = time.monotonic() + ROTATED_WITHIN_SECONDS
        for job in jobs:
            while (state := self._call("operator", "GET", f"/v1/jobs/{job['job']}").json()["state"]) != "done":
                assert state != "failed", "a rotation failed"
                assert time.monotonic() < until, "a rotation does not end"
                time.sleep(0.1)
        self._call("operator", "POST", "/v1/keys/kek/versions/1/destroy", {})
        self._call("operator", "GET", "/v1/keys")

    def _prove(self) -> None:
        """The log as files, with proofs, and what it says of one person."""
        for checkpoint in ("/audit/checkpoint", "/audit/logs/1/checkpoint"):
            size = int(self._call("auditor", "GET", checkpoint).text.split("\n")[1])
        for files in ("/audit/tile", "/audit/logs/1/tile"):
            name = "000" if size >= 256 else f"000.p/{size}"
            self._call("auditor", "GET", f"{files}/0/{name}")
            self._call("auditor", "GET", f"{files}/entries/{name}", expected=403)
        index = self._numbered()
        for form in ("json", "tlog-proof"):
            self._call("auditor", "GET", f"/v1/audit/entries/{index}/proof?format={form}")
        self._call("auditor", "GET", "/v1/audit/consistency?from=1")
        self._call("auditor", "GET", f"/v1/subjects/{CUSTOMER}/access-log")

    def _numbered(self) -> int:
        """The index of an entry about the customer, as soon as the publisher gave it one."""
        until = time.monotonic() + NUMBERED_WITHIN_SECONDS
        while True:
            found = self._call("auditor", "GET", f"/v1/audit/entries?subject={CUSTOMER}").json()["items"]
            for entry in found:
                if entry["index"] is not None:
                    return int(entry["index"])
            assert time.monotonic() < until, "no entry is numbered"
            time.sleep(0.1)

    def _export(self) -> None:
        """An export of the log, and its job."""
        asked: dict[str, Any] = {"proof": "inclusion", "filter": {"subject": [CUSTOMER]}, "formats": ["csv"]}
        job = str(self._call("auditor", "POST", "/v1/audit/exports", asked).json()["job"])
        until = time.monotonic() + EXPORTED_WITHIN_SECONDS
        while self._call("auditor", "GET", f"/v1/jobs/{job}").json()["state"] != "done":
            assert time.monotonic() < until, "the export is not made"
            time.sleep(0.1)
        self._call("auditor", "GET", f"/v1/audit/exports/{job}")
        for act in ("pause", "resume", "cancel", "approve"):
            self._call("operator", "POST", f"/v1/jobs/{job}/{act}", expected=409)
        self._call("operator", "GET", "/v1/jobs?state=done")

    def _erase(self) -> None:
        self._call("privacy_officer", "POST", f"/v1/subjects/{ERASED}/shred", {"reason": "erasure_request"})
        self._call("privacy_officer", "GET", f"/v1/subjects/{ERASED}/shred")
        self._erase_by_request()

    def _erase_by_request(self) -> None:
        """An erasure from the request to the certificate."""
        asked = {"subject": STREAMED, "right": "erasure", "regime": "gdpr"}
        one = f"/v1/requests/{self._call('service', 'POST', '/v1/requests', asked).json()['request']}"
        for path in (f"{one}/plan", f"{one}/certificate"):
            self._call("privacy_officer", "GET", path, expected=409)
        seen = {"method": "document", "proof": "identity", "document": "id_card"}
        self._call("privacy_officer", "POST", f"{one}/verify", seen)
        self._call("privacy_officer", "POST", f"{one}/accept", {})
        self._until(one, "review")
        self._call("privacy_officer", "GET", f"{one}/plan")
        self._call("colleague", "POST", f"{one}/approve", {})
        self._until(one, "completed")
        self._call("privacy_officer", "GET", f"{one}/certificate")

    def _until(self, request: str, state: str) -> None:
        until = time.monotonic() + ERASED_WITHIN_SECONDS
        while (found := self._call("privacy_officer", "GET", request).json()["state"]) != state:
            assert time.monotonic() < until, f"the request is {found}"
            time.sleep(0.1)


_ACCOUNT = {"name", "phone", "landline", "email", "wechat_id", "birth_date"}
