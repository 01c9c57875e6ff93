"""Pictures of an order: stored sealed and without what cameras write, given back, and gone with the customer."""

import json
import tracemalloc
from io import BytesIO
from typing import Any

import pytest

from database.statement import Statement
from tests.api.conftest import refused
from tests.devices import pictures
from tests.devices.conftest import Order
from vault.base64url import text_of
from vault.errors import IntegrityError
from vault.handover.table_text import shipped_text
from vault.keys import DataKey
from vault.pictures.secret_stream import OpeningStream, SealingStream
from vault.pictures.stripping import strip
from vault.shifts.rules import shipped_text as shipped_rules_text
from web.principal import Role, Scope

JPEG = pictures.jpeg()
BARE = b"".join(strip(BytesIO(JPEG), at_most=1 << 20).pieces)
HEIF = {
    "heic": b"\x00\x00\x00\x24ftypheic" + bytes(8),
    "avif": b"\x00\x00\x00\x24ftypavif" + bytes(8),
    "movie": b"\x00\x00\x00\x24ftypqt  " + bytes(8),
    "short": b"\x00\x00\x00\x24ftyp",
    "jpeg": JPEG[:40],
}
BINARY = {"Content-Type": "application/octet-stream"}


class Album:
    """The pictures of an order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.path = f"{order.path}/pictures"

    def put(self, octets: bytes = JPEG, courier: str = "") -> Any:
        path = f"{self.path}?courier={courier or self.order.courier}"
        return self.order.api.call("POST", path, data=octets, headers=BINARY)

    def number(self, octets: bytes = JPEG) -> int:
        answer = self.put(octets)
        assert answer.status_code == 201, answer.text
        return int(answer.json["picture"])

    def get(self, picture: int, **options: Any) -> Any:
        return self.order.api.call("GET", f"{self.path}/{picture}", **options)

    def rows(self, statement: str) -> Any:
        return self.order.api.moat.database.read(None, lambda tx: tx.all(Statement(statement)))

    def refusal(self) -> str:
        """Why the last look was refused, as the log has it."""
        entries = (json.loads(body) for (body,) in self.rows("SELECT body FROM audit_entry ORDER BY id DESC LIMIT 20"))
        return next(str(entry["reason"]) for entry in entries if entry["action"] == "picture.read")

    def kept(self) -> Any:
        return self.rows(f"SELECT count(*) FROM picture p JOIN picture_chunk c ON c.tenant = p.tenant AND c.picture = p.id "
                         f"WHERE p.ref = 'order:{self.order.id}'")[0][0]  # fmt: skip


@pytest.fixture
def album(order: Order) -> Album:
    return Album(order)


def test_a_picture_comes_back_as_it_is_without_what_the_camera_wrote(album: Album) -> None:
    answer = album.put()
    assert (answer.status_code, answer.json["format"], answer.json["size"]) == (201, "jpeg", len(BARE))
    shown = album.get(answer.json["picture"])
    assert shown.get_data() == BARE
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["Cache-Control"] == "no-store"
    listed: Any = album.order.api.call("GET", album.path).json
    assert [one["picture"] for one in listed["items"]] == [answer.json["picture"]]


def test_a_repeated_upload_is_one_picture(album: Album) -> None:
    path, headers = f"{album.path}?courier={album.order.courier}", {**BINARY, "Idempotency-Key": f"{album.order.id}-1"}
    first, again = (album.order.api.call("POST", path, data=JPEG, headers=headers).json for _ in range(2))
    assert first == again
    assert album.kept() == 1


def test_no_octets_of_a_picture_stand_in_a_row(album: Album) -> None:
    album.put()
    kept = b"".join(bytes(row[0]) for row in album.rows("SELECT sealed FROM picture_chunk"))
    assert BARE[40:72] not in kept
    assert pictures.CANARY not in kept


def test_a_picture_in_many_chunks_comes_back_in_constant_memory(album: Album) -> None:
    large = pictures.jpeg(size=(1, 1))
    scan = large.index(b"\xff\xda")
    padded = large[: scan + 14] + bytes(range(1, 255)) * 12_000 + large[scan + 14 :]
    bare = b"".join(strip(BytesIO(padded), at_most=1 << 24).pieces)
    picture = album.number(padded)
    assert album.kept() == 1 + len(bare) // (128 * 1024)
    tracemalloc.start()
    size = sum(len(piece) for piece in album.get(picture).iter_encoded())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == len(bare)
    assert peak < len(bare) / 2 or size < 1 << 20


def test_only_the_courier_of_the_order_stores_and_until_shortly_after_its_end(album: Album) -> None:
    refused(album.put(courier="rider-other"), 403, "denied")
    refused(album.put(courier=album.order.customer), 403, "denied")
    album.order.stage("delivered")
    assert album.put().status_code == 201
    album.order.api.clock.advance(hours=1, minutes=1)
    refused(album.put(), 403, "denied")


def test_what_is_no_picture_leaves_nothing(album: Album) -> None:
    for octets, detail in (
        (b"GIF89a" + bytes(40), "unknown_format"),
        (b"\x00\x00\x00\x24ftypheic" + bytes(40), "heic"),
        (b"\x00\x00\x00\x24ftypqt  " + bytes(40), "unknown_format"),
        (JPEG[:200], "cut"),
        (b"\xff\xd8\x00\x00", "malformed"),
    ):
        answer = album.put(octets)
        refused(answer, 422, "unusable_picture")
        assert answer.json["detail"] == detail
    refused(album.put(BARE[:-2] + bytes(11 << 20)), 413, "too_large")
    assert album.rows(f"SELECT count(*) FROM picture WHERE ref = 'order:{album.order.id}'") == [(0,)]


def test_a_picture_is_shown_to_nobody_who_may_not_see_an_address(album: Album) -> None:
    picture = album.number()
    support = album.order.api.role(Role.SUPPORT)
    refused(album.get(picture, credential=support), 403, "denied")
    refused(album.get(picture, credential=album.order.api.role(Role.MERCHANT)), 403, "forbidden")
    refused(album.get(picture, credential=album.order.api.foreign), 404, "not_found")
    other = album.order.api.call("GET", f"/v1/orders/o-other/pictures/{picture}")
    refused(other, 404, "not_found")


SHOWING = """
stages:
  picked_up:
    courier: {file: full}
    merchant: {file: masked}
  delivered:
    minutes: 10
    customer: {file: full}
"""
CARRYING = frozenset({Scope.PICTURES_READ, Scope.ACT_AS_COURIER, Scope.ACT_AS_CUSTOMER})


def test_the_table_says_who_sees_pictures_at_which_stage(album: Album) -> None:
    order, api = album.order, album.order.api
    picture = album.number()
    service = api.credential(Role.SERVICE, extra=CARRYING)
    merchant = api.credential(Role.MERCHANT, extra=frozenset({Scope.PICTURES_READ}))

    def seen(who: str = "", *, listed: bool = False, credential: str = service) -> str:
        path = album.path if listed else f"{album.path}/{picture}"
        answer = api.call("GET", f"{path}?{who}", credential=credential)
        if answer.status_code == 200:
            return "shown"
        code = str((answer.json or {})["code"])
        return album.refusal() if code == "denied" else code

    courier, customer = f"courier={order.courier}", f"customer={order.customer}"
    order.stage("picked_up")
    assert [seen(courier), seen(customer), seen(), seen(credential=merchant)] == ["stage", "stage", "shown", "stage"]
    officer = api.role(Role.PRIVACY_OFFICER)
    try:
        assert api.call("PUT", "/v1/handover/table", {"source": SHOWING}, credential=officer).status_code == 200
        assert [seen(courier), seen(customer), seen(credential=merchant)] == ["shown", "stage", "stage"]
        assert [seen(listed=True, credential=merchant), seen(customer, listed=True)] == ["shown", "stage"]
        assert [seen("courier=rider-nobody"), seen(f"customer={order.courier}")] == ["not_assigned", "not_party"]
        assert seen(f"{courier}&{customer}") == "invalid_request"
        order.stage("delivered")
        assert [seen(courier), seen(customer)] == ["stage", "shown"]
        api.clock.advance(minutes=10)
        assert [seen(customer), seen()] == ["stage", "shown"]
    finally:
        assert api.call("PUT", "/v1/handover/table", {"source": shipped_text()}, credential=officer).status_code == 200


def test_a_picture_is_a_plain_value_of_the_couriers_shift(album: Album) -> None:
    order, api = album.order, album.order.api
    picture, officer = album.number(), api.role(Role.PRIVACY_OFFICER)
    service = api.credential(Role.SERVICE, extra=CARRYING)
    order.stage("picked_up")
    texts = {"table": (SHOWING, shipped_text()), "shift-rules": ("hours: 1\nvalues: 1\n", shipped_rules_text())}
    try:
        for name, (source, _) in texts.items():
            assert api.call("PUT", f"/v1/handover/{name}", {"source": source}, credential=officer).status_code == 200
        path = f"{album.path}/{picture}?courier={order.courier}"
        assert [api.call("GET", path, credential=service).status_code for _ in range(2)] == [200, 403]
        assert album.refusal() == "budget"
        api.clock.advance(hours=1)
        refused(api.call("GET", f"{album.path}/999?courier={order.courier}", credential=service), 404, "not_found")
        assert api.call("GET", path, credential=service).status_code == 200
    finally:
        for name, (_, shipped) in texts.items():
            assert api.call("PUT", f"/v1/handover/{name}", {"source": shipped}, credential=officer).status_code == 200


def test_a_frozen_courier_sees_no_pictures(album: Album) -> None:
    order, api = album.order, album.order.api
    picture, officer = album.number(), album.order.api.role(Role.PRIVACY_OFFICER)
    service = api.credential(Role.SERVICE, extra=CARRYING)
    frozen = {"kind": "courier", "subject": order.courier, "reason": "lost_device"}
    assert api.call("POST", "/v1/freezes", frozen, credential=officer).status_code == 200
    refused(api.call("GET", f"{album.path}/{picture}?courier={order.courier}", credential=service), 403, "denied")
    assert album.refusal() == "frozen"


def test_a_picture_goes_with_the_customer_by_deletion_and_in_time(album: Album) -> None:
    first, second = album.number(), album.number()
    assert album.order.api.call("DELETE", f"{album.path}/{first}").status_code == 204
    refused(album.get(first), 404, "not_found")
    officer = album.order.api.role(Role.PRIVACY_OFFICER)
    shred = f"/v1/subjects/{album.order.customer}/shred"
    assert album.order.api.call("POST", shred, {"reason": "test"}, credential=officer).status_code == 200
    refused(album.get(second), 404, "not_found")
    assert album.kept() == 0


def test_a_device_knows_what_it_has_to_convert(order: Order) -> None:
    told = {name: order.devices.act("picture", octets=text_of(octets))["heif"] for name, octets in HEIF.items()}
    assert told == {"heic": True, "avif": True, "movie": False, "short": False, "jpeg": False}


def test_pictures_end_by_themselves(album: Album) -> None:
    picture = album.number()
    album.order.api.clock.advance(days=31)
    refused(album.get(picture), 404, "not_found")
    album.order.api.moat.sweeper.sweep()
    assert album.kept() == 0


def test_a_picture_of_a_frozen_customer_is_neither_taken_nor_shown(album: Album) -> None:
    picture = album.number()
    officer = album.order.api.role(Role.PRIVACY_OFFICER)
    path = f"/v1/subjects/{album.order.customer}/freeze"
    assert album.order.api.call("POST", path, credential=officer).status_code == 200
    refused(album.get(picture), 403, "denied")
    refused(album.put(), 403, "denied")


def test_an_order_has_a_bounded_number_of_pictures(album: Album) -> None:
    for _ in range(20):
        album.number(pictures.MADE_PNG)
    refused(album.put(pictures.MADE_PNG), 409, "too_many_pictures")


def test_a_stream_opens_in_its_order_place_and_whole_only() -> None:
    key = DataKey(b"k" * 32)
    sealing = SealingStream(key, tenant=1, picture=7)
    first, last = sealing.seal(b"a" * 9, last=False), sealing.seal(b"b", last=True)

    def opening(picture: int = 7) -> OpeningStream:
        return OpeningStream(key, sealing.header, tenant=1, picture=picture)

    whole = opening()
    assert (whole.open(first, last=False), whole.open(last, last=True)) == (b"a" * 9, b"b")
    for stream, message, is_last in (
        (opening(), last, True),
        (opening(8), first, False),
        (opening(), first, True),
        (opening(), first[:-1] + bytes((first[-1] ^ 1,)), False),
        (OpeningStream(DataKey(b"j" * 32), sealing.header, tenant=1, picture=7), first, False),
    ):
        with pytest.raises(IntegrityError):
            stream.open(message, last=is_last)
