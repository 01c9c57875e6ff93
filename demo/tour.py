"""The lines to paste after `moat demo`: each shows one thing that the vault does, on an order that is under way."""

from string import Template
from typing import Final
from urllib.parse import urlsplit

from demo.loading import Loaded

_TOUR: Final = Template("""\
Open $front in a browser: one click makes you a customer, a courier, an officer or an auditor.
Nobody in there exists, and it answers on this computer only. Programs call it at $url (documentation: $url/docs):

  export MOAT_URL=$url
  ask() {
    curl -s -H "Authorization: Bearer $$(cat $root/credentials/$$1)" -H 'Content-Type: application/json' "$$MOAT_URL$$2" "$${@:3}"
    echo
  }

A phone, masked, as the platform's own services see it:
  ask orders /v1/detokenize -d '{"purpose": "delivery", "ref": "order:$order", "items": [{"token": "$phone"}]}'

The courier who carries the order now gets its address; the plain phone is never a courier's:
  ask orders /v1/detokenize -d '{"purpose": "delivery", "ref": "order:$order", "view": "plain",
    "on_behalf_of": {"role": "courier", "subject": "$courier"}, "items": [{"token": "$address"}, {"token": "$phone"}]}'

Customer service asks for the plain phone without a ticket, and with one:
  ask support /v1/detokenize -d '{"purpose": "support", "view": "plain", "items": [{"token": "$phone"}]}'
  ask support /v1/detokenize -d '{"purpose": "support", "view": "plain", "ref": "ticket:t-1", "items": [{"token": "$phone"}]}'

Whose phone is this:
  ask support /v1/search -d '{"purpose": "support", "items": [{"kind": "phone", "value": "$value"}]}'

What was recorded of all that:
  ask auditor '/v1/audit/entries?order=newest&limit=5'

A file of orders through the same service:
  export MOAT_TOKEN=$$(cat $root/credentials/orders)
  moat demo orders --rows 10000 --seed 1 -o orders.csv
  moat tokenize orders.csv --map 用户ID:phone=收货电话,name=收货人,address=收货地址 \\
    --map 骑手ID:phone=骑手电话,name=骑手姓名 --note 备注,评价 --ref 'order:{订单号}' --purpose delivery -o out.csv""")


def tour(loaded: Loaded, *, url: str, root: str) -> str:
    """Return the lines for a service at ``url`` whose test credentials lie under ``root``."""
    first = loaded.running[0]
    return _TOUR.substitute(
        url=url,
        front=f"http://localhost:{urlsplit(url).port}/",
        root=root,
        order=first.order.number,
        courier=first.order.courier.subject,
        value=first.order.customer.phone,
        phone=first.tokens["phone"],
        address=first.tokens["address"],
    )
