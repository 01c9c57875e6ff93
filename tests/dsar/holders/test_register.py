"""The operator's file of connectors: what it declares, and that a wrong one is refused by its place and never by its words."""

from typing import Any

import pytest
import yaml

from dsar.holders.errors import ConnectorFileError
from dsar.holders.holder import Act
from dsar.holders.register import Connector, IdentityFormat, IdentityType, connectors

GOOD: dict[str, Any] = {
    "name": "order_service",
    "url": "https://orders.example.com:8443/opendsr/v2/",
    "domain": "orders.example.com",
    "certificate": "orders.pem",
    "credential": "file:token",
    "acts": ["inventory", "dispose"],
    "categories": ["order"],
    "identities": ["platform_id", {"type": "email", "format": "sha256"}],
}


def read(**changed: Any) -> Connector:
    """The one connector of a file, changed."""
    (one,) = connectors(yaml.safe_dump({"connectors": [{**GOOD, **changed}]}))
    return one


def test_a_connector_is_declared() -> None:
    one = read()
    assert (one.url, one.origin) == ("https://orders.example.com:8443/opendsr/v2", "https://orders.example.com:8443")
    assert one.acts == {Act.INVENTORY, Act.DISPOSE}
    assert [(sent.type, sent.format) for sent in one.identities] == [
        (IdentityType.PLATFORM_ID, IdentityFormat.RAW),
        (IdentityType.EMAIL, IdentityFormat.SHA256),
    ]
    assert (one.answer_days, one.regulation, one.tenants) == (30, "gdpr", frozenset({1}))


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": "vault"}, "connectors.0.name"),
        ({"name": "Order service"}, "connectors.0.name"),
        ({"url": "ftp://the-canary.example.com"}, "connectors.0.url"),
        ({"url": "https://the-canary:x@orders.example.com"}, "connectors.0.url"),
        ({"url": "https://orders.example.com/?q=the-canary"}, "connectors.0.url"),
        ({"credential": "the-canary"}, "connectors.0.credential"),
        ({"acts": []}, "connectors.0.acts"),
        ({"acts": ["the-canary"]}, "connectors.0.acts.0"),
        ({"categories": ["../the-canary"]}, "connectors.0.categories.0"),
        ({"identities": []}, "connectors.0.identities"),
        ({"identities": ["the-canary"]}, "connectors.0.identities.0"),
        ({"answer_days": 0}, "connectors.0.answer_days"),
        ({"tenants": [0]}, "connectors.0.tenants.0"),
        ({"password": "the-canary"}, "connectors.0.password"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(ConnectorFileError) as told:
        read(**changed)
    assert str(told.value).startswith(place)
    assert "the-canary" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "connectors: [",
        "connectors: {a: &a [*a]}",
        "connectors: []\nconnectors: []",
        "connectors: !!python/object/apply:os.system [true]",
        yaml.safe_dump({"connectors": [GOOD, GOOD]}),
    ],
)
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(ConnectorFileError):
        list(connectors(text))
