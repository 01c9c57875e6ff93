"""`python -m examples.order_service`: make its key, serve, and place an order as an app would."""

import os
import secrets
from pathlib import Path

import click
import httpx
from flask import Flask
from moat_client.answers import Item, Tokenized
from moat_client.client import Moat
from werkzeug.serving import make_server

from examples.order_service.book import OrderBook
from examples.order_service.processor import ProcessorApi
from examples.order_service.shop import ShopApi
from examples.order_service.signing import MoatKeys, OwnKey, make_key

DOMAIN = "orders.example.com"
ITEM = "beef noodles"
BEARER = "token"

_CONNECTORS = """\
connectors:
  - name: order_service
    url: {url}/opendsr/v2
    domain: {domain}
    certificate: orders.pem
    credential: file:token
    acts: [inventory, disclose, rectify, restrict, release, dispose]
    categories: [order, delivery_note]
    identities: [platform_id]
    answer_days: 10
"""

_place = click.option("--data", type=click.Path(path_type=Path), default=Path("orders"), show_default=True)
_port = click.option("--port", type=int, default=8090, show_default=True)


@click.group()
def main() -> None:
    """A small order service beside Moat."""


@main.command()
@_place
@_port
def init(data: Path, port: int) -> None:
    """Make the service's key, the token by which Moat comes in, and connectors.yaml for Moat."""
    data.mkdir(parents=True, exist_ok=True)
    make_key(data, DOMAIN)
    if not (data / BEARER).exists():
        (data / BEARER).touch(mode=0o600)
        (data / BEARER).write_text(secrets.token_urlsafe(32))
    declared = data / "connectors.yaml"
    declared.write_text(_CONNECTORS.format(url=f"http://127.0.0.1:{port}", domain=DOMAIN))
    click.echo(f"Start Moat with --connectors {declared} --egress-internal http://127.0.0.1:{port}")


@main.command()
@_place
@_port
@click.option("--moat-keys", type=click.Path(path_type=Path, exists=True), required=True, help="GET /v1/holders/keys.")
@click.option("--delay", type=float, default=0.0, help="Seconds before a request is carried out.")
def serve(data: Path, port: int, moat_keys: Path, delay: float) -> None:
    """Serve, on the loopback."""
    server = make_server("127.0.0.1", port, application(data, port, MoatKeys.of(moat_keys), delay), threaded=True)
    click.echo(f"Orders at http://127.0.0.1:{port}")
    server.serve_forever()


@main.command()
@_port
@click.argument("order")
@click.argument("customer")
@click.option("--phone", required=True)
@click.option("--address", required=True)
@click.option("--note", help="What the courier should know.")
def order(port: int, order: str, customer: str, *, phone: str, address: str, note: str | None) -> None:
    """Place an order as the app does: Moat gives tokens, and the order service gets nothing else."""
    url, token = os.environ["MOAT_URL"], os.environ["MOAT_TOKEN"]  # noqa: TID251 - an example has no settings
    with Moat(url, token) as moat:
        items = [Item(customer, "phone", phone), Item(customer, "address", address)]
        answers = moat.tokenize(items, purpose="delivery", ref=f"order:{order}", atomic=True)
    tokens = [one.token for one in answers if isinstance(one, Tokenized)]
    told = {"order": order, "customer": customer, "item": ITEM, "cents": 2800, "note": note}
    told |= dict(zip(("phone", "address"), tokens, strict=True))
    httpx.post(f"http://127.0.0.1:{port}/orders", json=told, trust_env=False).raise_for_status()
    click.echo(f"{order}: {ITEM} for {customer}")


def application(data: Path, port: int, moat: MoatKeys, delay: float = 0.0) -> Flask:
    """The service as a WSGI application."""
    app = Flask("order_service")
    book = OrderBook(data / "orders.db")
    token = (data / BEARER).read_text().strip()
    url = f"http://127.0.0.1:{port}"
    api = ProcessorApi(book, OwnKey(data), moat, domain=DOMAIN, url=url, token=token, delay=delay)
    app.register_blueprint(ShopApi(book).blueprint())
    app.register_blueprint(api.blueprint())
    return app


if __name__ == "__main__":
    main()
