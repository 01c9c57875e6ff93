"""The client's calls, against the application itself."""

from collections.abc import Iterator
from io import BytesIO

import httpx
import pytest
from moat_client.client import Moat
from moat_client.devices import SealedValue

from database.columns import rfc3339
from tests.devices import pictures
from tests.devices.conftest import Order
from tests.devices.test_letters import TEXT, Talk
from web.principal import Role, Scope


@pytest.fixture
def moat(order: Order) -> Iterator[Moat]:
    scopes = frozenset({Scope.ACT_AS_COURIER, Scope.ACT_AS_CUSTOMER})
    credential = order.api.credential(Role.SERVICE, extra=scopes)
    transport = httpx.WSGITransport(app=order.api.moat.app.wsgi_app)
    with Moat("http://moat.test", credential, transport=transport) as client:
        yield client


def test_the_client_goes_the_whole_way(order: Order, moat: Moat) -> None:
    talk = Talk(order)
    order.stage("picked_up")
    token = order.api.token("金桥路1号603室", "address", subject=order.customer)
    (sealed,) = moat.devices.sealed([token], talk.keys["courier"], courier=order.courier, order=order.id)
    assert isinstance(sealed, SealedValue)
    assert sealed.sealed
    sender, recipient = ("courier", talk.ids["courier"]), ("customer", talk.ids["customer"])
    assert moat.exchange.keys(order.id, "customer") == {talk.ids["customer"]: talk.keys["customer"]}
    moat.exchange.send(order.id, talk.envelope(), sender=sender, recipient=recipient)  # type: ignore[arg-type]  # literals
    (message,) = moat.exchange.messages(order.id, "customer", talk.ids["customer"])
    assert talk.read({"envelope": message.envelope, "sender_key": message.sender_key})["text"] == TEXT
    moat.exchange.acknowledge(order.id, "customer", message.number)
    moat.exchange.record(order.id, order.courier, [{"latitude": 31.2, "longitude": 121.4, "at": rfc3339(order.now)}])
    assert moat.exchange.whereabouts(order.id, customer=order.customer).places[0]["latitude"] == 31.2
    assert moat.exchange.whereabouts(order.id).view == "masked"
    picture = moat.exchange.put_picture(order.id, order.courier, pictures.MADE_PNG)
    assert [one.number for one in moat.exchange.pictures(order.id)] == [picture.number]
    shown = BytesIO()
    moat.exchange.picture(order.id, picture.number, shown)
    assert pictures.samples(shown.getvalue()) == pictures.samples(pictures.MADE_PNG)
    moat.exchange.delete_picture(order.id, picture.number)
    moat.devices.revoke(order.courier, talk.ids["courier"])
    key = order.devices.act("keys", name="renewed")["public_key"]
    renewed = moat.devices.register(
        order.courier, key, lambda sealed: order.answer("renewed", sealed, order.courier)["answer"]
    )
    assert [one.state for one in moat.devices.all(order.courier)] == ["revoked", "live"]
    assert renewed.state == "live"
