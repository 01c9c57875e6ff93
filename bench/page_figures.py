"""Pages for people among very many records, one after another over one connection, against a bare echo likewise.

A page's time is what a client waits for it: the median of calls over one keep-alive connection to the server, the page's octets
included. The yardstick is the echo of a few octets on the same server with as many workers and threads, measured in turns with
the page. The ratio is that of an echo's time to a page's: a third where a page takes three times as long. Browsers' work,
network and the files that a browser keeps (style, scripts) are not in it.

The person whose pages they are has what people have, and more: 23 values, 20 of which are addresses with a use each, consents,
and a log of 41 entries about them.
"""

import http.client
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

from bench.batch_figures import ITEMS, posted
from bench.figure import Figure
from bench.plan import Stage
from bench.server import Product

ACCOUNT = "bench-person"
COOKIE = "__Host-moat_person"
CALLS = 60
SLOWER_AT_MOST = 3
PAGES = {
    "page_home": "/",
    "page_looked": "/looked",
    "page_consents": "/consents",
    "page_consent_history": "/consents/history",
    "page_requests": "/requests",
    "page_notices": "/notices",
    "page_notice": "/notices/delivery",
    "page_settings": "/settings",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page as somebody asks for it."""

    path: str
    headers: Mapping[str, str]

    def fetched(self, port: int) -> str:
        """What it says."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", self.path, headers=dict(self.headers))
        text = connection.getresponse().read().decode()
        connection.close()
        return text


def privacy_pages(stage: Stage) -> Iterator[Figure]:
    """The median time of each main page of the privacy centre, as calls a second of one person."""
    grown(stage)
    with_history(stage.product)
    headers = {"Cookie": f"{COOKIE}={_session(stage.product)}", "Accept-Language": "zh-CN"}
    for name, path in PAGES.items():
        yield measured(stage, name, Page(f"/privacy/default{path}", headers))


def grown(stage: Stage) -> None:
    """Have as many records there as the stage is to grow to."""
    for _ in range(0, stage.sizes.grown, ITEMS):
        posted(stage.product.operation("/v1/tokenize"), [stage.workload.tokenize(ITEMS, kind="address")])


def measured(stage: Stage, name: str, page: Page, *, commits: bool = False) -> Figure:
    """The figure of a page, beside an echo that `commits` if the page does."""
    yardstick = "echo+commit" if commits else "echo"
    path = "/commit" if commits else "/echo"
    ours, echoed = [], []
    for _ in range(stage.sizes.rounds):
        ours.append(_median(stage.product.port, "GET", page.path, b"", page.headers))
        echoed.append(_median(stage.echo_port, "POST", path, b'{"page":1}', {"Content-Type": "application/json"}))
    mine, theirs = statistics.median(ours), statistics.median(echoed)
    return Figure(
        name=name, backend=stage.backend, value=1 / mine, unit="pages/s",
        yardstick=yardstick, ratio=theirs / mine, goal=1 / SLOWER_AT_MOST,
    )  # fmt: skip


def with_history(product: Product) -> None:
    """Have somebody there with a history."""
    fields = {
        "phone": "13812340001",
        "name": "李晓雨",
        "email": "bench@example.com",
        "address.home": "上海市南京路1号101室",
    }
    _called(product, "PUT", f"/v1/subjects/{ACCOUNT}", {"purpose": "account", "fields": fields})
    for number in range(20):
        used = {"purpose": "delivery", "ref": f"order:bench-{number}"}
        item = {"subject": ACCOUNT, "kind": "address", "value": f"上海市南京路{number}号101室"}
        made = _called(product, "POST", "/v1/tokenize", {**used, "items": [item]})
        _called(product, "POST", "/v1/detokenize", {**used, "items": [{"token": made["items"][0]["token"]}]})


def _session(product: Product) -> str:
    link = str(_called(product, "POST", f"/v1/subjects/{ACCOUNT}/sessions", {})["url"]).rsplit("/", 1)[1]
    return str(_called(product, "POST", f"/v1/privacy/default/links/{link}", {})["session"])


def _called(product: Product, method: str, path: str, body: object) -> dict[str, list[dict[str, str]]]:
    connection = http.client.HTTPConnection("127.0.0.1", product.port)
    headers = {"Authorization": f"Bearer {product.token}", "Content-Type": "application/json"}
    connection.request(method, path, orjson.dumps(body), headers)
    answer = connection.getresponse()
    octets = answer.read()
    connection.close()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status}")
    read: dict[str, list[dict[str, str]]] = orjson.loads(octets)
    return read


def _median(port: int, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> float:
    """The median time of a call in seconds, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        connection.request(method, path, body or None, dict(headers))
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")
    connection.close()
    return statistics.median(times)
