"""Data that move to another handler: whom the operator registered, in signed parts, each as often as it takes, with a receipt."""

from base64 import b64decode
from hashlib import sha256, shake_256
from typing import Any

import orjson
import pytest
from nacl.signing import VerifyKey
from pyrage import decrypt
from pyrage.x25519 import Identity

from dsar.disclosure.age import PublicKey
from dsar.disclosure.choosing import Choice
from dsar.disclosure.errors import NotAskedError, ReceiverAwayError, ReceiverRefusedError, ReceiverUnknownError
from dsar.disclosure.receiver import Receiver, Receivers, read_receivers
from dsar.disclosure.stored import PackageState
from dsar.disclosure.transfer import HEADER, PART_BYTES
from dsar.request import Request
from dsar.right import Right
from tests.dsar.disclosure.office import Office
from tests.dsar.disclosure.stand_ins import ISSUER, TENANT, FakeHolder
from tests.support.clock import Clock
from tests.support.vault import Vault
from vault.tenant_seal import TenantSeal

IDENTITY = Identity.generate()
RECEIVER = Receiver("other", "Other Ltd.", "https://import.other.example/in", PublicKey(str(IDENTITY.to_public())))


@pytest.fixture
def office(vault: Vault, clock: Clock, tmp_path: Any) -> Office:
    """Disclosure with one registered receiver."""
    seal = TenantSeal(vault.database, vault.roots, vault.keyring)
    return Office(vault.database, seal, clock, tmp_path, Receivers([RECEIVER]))


def moving(office: Office) -> Request:
    """A request to move two megabytes that do not compress."""
    blocks = (shake_256(str(number).encode()).hexdigest(512) for number in range(2_500))
    office.holders = [FakeHolder("orders", lambda: (("order", {"purpose": "delivery", "text": one}) for one in blocks))]
    request = office.request(Right.PORTABILITY)
    office.choosing.choose(TENANT, request.id, Choice(receiver="other"), office.by())
    return request


def test_a_package_goes_to_the_receiver_in_signed_parts_and_completes_the_request(office: Office) -> None:
    request, task = moving(office), office.task(Right.PORTABILITY)
    steps = office.run(task, request)
    package = office.keeping.look(TENANT, request.id, office.by())
    *parts, last = office.outside.calls
    assert steps == len(parts) + 2
    assert len(parts) == -(-(package.size or 0) // PART_BYTES) > 1
    whole = b"".join(body for _, _, _, body in parts)
    assert sha256(whole).digest() == package.digest
    assert decrypt(whole, [IDENTITY])[:2] == b"PK"
    for number, (method, url, headers, body) in enumerate(parts):
        assert (method, url) == ("PUT", f"{RECEIVER.url}/{package.id}/{number}")
        text = f"moat-transfer/v1\n{ISSUER}\n{package.id}\n{number}\n{sha256(body).hexdigest()}\n"
        VerifyKey(office.key.public).verify(text.encode(), b64decode(headers[HEADER]))
    assert orjson.loads(last[3])["sha256"] == (package.digest or b"").hex()
    assert (package.state, package.receipt) == (PackageState.TRANSFERRED, sha256(b'{"receipt":"r-1"}').digest())
    assert office.desk.completions == [request.id]
    assert office.outbox.sent == []
    assert office.keeping.sweep(0) == 1


def test_each_call_can_come_again_and_a_refusal_completes_nothing(office: Office) -> None:
    request, task = moving(office), office.task(Right.PORTABILITY)
    assert task.step(office.job(task.kind, request), 0).done == 1
    for status, error in ((503, ReceiverAwayError), (429, ReceiverAwayError), (400, ReceiverRefusedError)):
        office.outside.statuses = [status]
        with pytest.raises(error):
            task.step(office.job(task.kind, request, 1), 1)
    assert office.desk.completions == []
    for done in (1, 1, 2):
        assert task.step(office.job(task.kind, request, done), 1).done == done + 1
    bodies = [body for _, url, _, body in office.outside.calls if url.endswith("/0")]
    assert len(set(bodies)) == 1
    package = office.maker.make(TENANT, request.id)
    assert package is not None
    for _ in range(2):
        office.transfer.finish(package)
    assert office.desk.completions == [request.id]


def test_only_what_is_to_move_goes_to_a_receiver_and_only_to_one_that_is_known(office: Office) -> None:
    with pytest.raises(NotAskedError):
        office.choosing.choose(TENANT, office.request().id, Choice(receiver="other"), office.by())
    request = office.request(Right.PORTABILITY)
    with pytest.raises(ReceiverUnknownError):
        office.choosing.choose(TENANT, request.id, Choice(receiver="nobody"), office.by())
    with pytest.raises(NotAskedError):
        office.choosing.choose(TENANT, office.request(Right.ERASURE).id, Choice(), office.by())


def test_receivers_are_read_from_yaml_or_refused_with_their_place() -> None:
    text = f"receivers: [{{id: other, name: Other, url: 'https://o.example/in/', key: {RECEIVER.key.text}}}]"
    (found,) = read_receivers(text).all()
    assert (found.id, found.url) == ("other", "https://o.example/in")
    for wrong in (
        "",
        "receivers: 1",
        "[",
        "receivers: [{id: other}]",
        text.replace("age1", "age2"),
        text.replace("id: other", "id: O"),
    ):
        with pytest.raises(ValueError, match=r"receivers|YAML|code"):
            read_receivers(wrong)
    with pytest.raises(ValueError, match="twice"):
        Receivers([RECEIVER, Receiver("other", "x", "https://x.example", RECEIVER.key)])
