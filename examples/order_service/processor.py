"""The order service as a processor of OpenDSR 2.0: it says what it can do, takes requests that Moat has signed, carries them out
on its own rows, and signs what it answers. A request is carried out when its state is asked for, `delay` seconds after it came.
"""

import base64
import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from examples.order_service.book import NOTE, ORDER, PURPOSE, UNDER_WAY, Order, OrderBook
from examples.order_service.signing import MoatKeys, NotMoatError, OwnKey

TYPES = ("access", "erasure", "inventory", "rectification", "restriction", "restriction_end")
METHODS = {"erasure": "anonymise", "rectification": "rectify", "restriction": "restrict", "restriction_end": "release"}
PAGE = 20
ACCESS_KEPT_SECONDS = 86_400


class ProcessorApi:
    """OpenDSR over HTTP. `moat` are the keys that requests must be signed by, `token` the bearer token they must carry."""

    def __init__(
        self, book: OrderBook, key: OwnKey, moat: MoatKeys, *, domain: str, url: str, token: str, delay: float
    ) -> None:
        self._book = book
        self._key = key
        self._moat = moat
        self._domain = domain
        self._url = url
        self._token = token
        self._delay = delay

    def blueprint(self) -> Blueprint:
        """The operations."""
        api = Blueprint("opendsr", __name__, url_prefix="/opendsr/v2")
        api.before_request(self._require_moat)
        api.get("/discovery")(self.discovery)
        api.post("/requests")(self.submit)
        api.get("/requests/<number>")(self.status)
        api.delete("/requests/<number>")(self.cancel)
        api.get("/requests/<number>/results")(self.results)
        return api

    def discovery(self) -> Response:
        """What it can do."""
        return self._signed(
            {
                "api_version": "2.0",
                "supported_identities": [{"identity_type": "controller_customer_id", "identity_format": "raw"}],
                "supported_subject_request_types": list(TYPES),
            }
        )

    def submit(self) -> Response:
        """Take a request. The same one again is the same one."""
        body = request.get_data()
        told = json.loads(body)
        number, type_ = told["subject_request_id"], told["subject_request_type"]
        if type_ not in TYPES:
            return Response(status=400)
        known = [
            one["identity_value"]
            for one in told["subject_identities"]
            if one["identity_type"] == "controller_customer_id" and one["identity_format"] == "raw"
        ]
        ours = told["extensions"].get(self._domain, {})
        wanted = json.dumps({name: ours[name] for name in ("keep", "corrections") if name in ours})
        digest = hashlib.sha256(body).hexdigest()
        with self._book.transaction() as tx:
            tx.execute(
                "INSERT OR IGNORE INTO requests (id, type, digest, customer, wanted, state, received_at) "
                "VALUES (?, ?, ?, ?, ?, 'pending', ?)",
                (number, type_, digest, known[0] if known else None, wanted, int(time.time())),  # noqa: TID251
            )
        ((stored,),) = self._book.rows("SELECT digest FROM requests WHERE id = ?", number)
        if stored != digest:
            return Response(status=409)
        receipt = {**self._common(number), "encoded_request": base64.b64encode(body).decode("ascii")}
        return self._signed(receipt, 201)

    def status(self, number: str) -> Response:
        """How far it is; it is carried out now if it is time."""
        found = self._book.rows(
            "SELECT type, customer, wanted, state, count, received_at FROM requests WHERE id = ?", number
        )
        if not found:
            return Response(status=404)
        type_, customer, wanted, state, count, received_at = found[0]
        if state == "pending" and time.time() >= received_at + self._delay:  # noqa: TID251 - an example has no settings
            count, state = self._carry_out(number, type_, customer, json.loads(wanted)), "completed"
        extension: dict[str, Any] = {}
        told = {**self._common(number), "request_status": state, "results_count": count}
        if state == "completed":
            extension = {"count": count, "method": METHODS.get(type_, "none")}
            if type_ == "inventory":
                extension["holdings"] = self._holdings(customer)
            if type_ == "access":
                told["results_url"] = f"{self._url}/opendsr/v2/requests/{number}/results?after=0"
        return self._signed({**told, "extensions": {self._domain: extension}})

    def cancel(self, number: str) -> Response:
        """Let go of a request that has not begun."""
        with self._book.transaction() as tx:
            changed = tx.execute(
                "UPDATE requests SET state = 'cancelled', customer = NULL WHERE id = ? AND state = 'pending'", (number,)
            ).rowcount
        return self._signed(self._common(number), 202) if changed else Response(status=409)

    def results(self, number: str) -> Response:
        """A page of what an access request is answered with."""
        found = self._book.rows("SELECT customer FROM requests WHERE id = ? AND type = 'access'", number)
        if not found:
            return Response(status=404)
        after = request.args.get("after", 0, int)
        orders = self._book.orders_of(found[0][0] or "", after=after, limit=PAGE)
        more = f"{self._url}/opendsr/v2/requests/{number}/results?after={after + PAGE}"
        items = [{"category": ORDER, "fields": _fields(one)} for one in orders]
        items += [
            {"category": NOTE, "fields": {"order": one.id, "note": one.note}} for one in orders if one.note is not None
        ]
        page = {"subject_request_id": number, "items": items, "next": more if len(orders) == PAGE else None}
        return self._signed(page)

    def _carry_out(self, number: str, type_: str, customer: str | None, wanted: dict[str, Any]) -> int:
        count = 0 if customer is None else self._do(type_, customer, wanted)
        keeps = type_ in {"access", "inventory"}  # These are asked about again, for a day.
        with self._book.transaction() as tx:
            tx.execute(
                "UPDATE requests SET state = 'completed', count = ?, wanted = '{}', customer = CASE WHEN ? THEN customer END "
                "WHERE id = ?",
                (count, keeps, number),
            )
            old = int(time.time()) - ACCESS_KEPT_SECONDS  # noqa: TID251 - an example has no settings
            tx.execute("UPDATE requests SET customer = NULL WHERE received_at < ?", (old,))
        return count

    def _do(self, type_: str, customer: str, wanted: dict[str, Any]) -> int:
        match type_:
            case "erasure":
                return self._book.dispose(customer, {(one[0], one[1], one[2]) for one in wanted.get("keep", ())})
            case "rectification":
                note = wanted.get("corrections", {}).get(NOTE)
                return 0 if note is None else self._book.correct_note(customer, note)
            case "restriction" | "restriction_end":
                return self._book.restrict(customer, on=type_ == "restriction")
            case _:
                return len(self._book.orders_of(customer))

    def _holdings(self, customer: str | None) -> list[dict[str, Any]]:
        found = []
        for order in self._book.orders_of(customer or ""):
            kept_by = UNDER_WAY if order.completed_at is None else None
            held = {
                "purpose": PURPOSE,
                "ref": order.ref,
                "count": 1,
                "since": _time(order.placed_at),
                "kept_by": kept_by,
            }
            found.append({"category": ORDER, **held})
            if order.note is not None:
                found.append({"category": NOTE, **held})
        return found

    def _common(self, number: str) -> dict[str, Any]:
        now = _time(int(time.time()))  # noqa: TID251 - an example has no settings
        return {
            "controller_id": "moat",
            "subject_request_id": number,
            "received_time": now,
            "expected_completion_time": now,
            "api_version": "2.0",
        }

    def _require_moat(self) -> Response | None:
        """Refuse whatever Moat has not signed for this address about now."""
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return Response(status=401)
        query = f"?{request.query_string.decode('ascii')}" if request.query_string else ""
        try:
            self._moat.verify(
                request.headers.get("X-Moat-Signature", ""),
                method=request.method,
                url=f"{self._url}{request.path}{query}",
                body=request.get_data(),
                now=int(time.time()),  # noqa: TID251 - an example has no settings
            )
        except NotMoatError:
            return Response(status=403)
        return None

    def _signed(self, told: dict[str, Any], status: int = 200) -> Response:
        body = json.dumps(told, ensure_ascii=False).encode()
        answer = Response(body, status=status, content_type="application/json")
        answer.headers["X-OpenDSR-Processor-Domain"] = self._domain
        answer.headers["X-OpenDSR-Signature"] = self._key.sign(body)
        return answer


def _fields(order: Order) -> dict[str, Any]:
    return {
        "order": order.id,
        "item": order.item,
        "cents": order.cents,
        "placed_at": _time(order.placed_at),
        "completed_at": None if order.completed_at is None else _time(order.completed_at),
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
