"""Pages of the privacy centre among very many records, one after another over one connection, against a bare echo likewise.

The person whose pages they are has what people have: a few values with their uses, consents, a request, and a log of looks.
"""

import http.client
import statistics
import time
from collections.abc import Iterator

import orjson

from bench.batch_figures import ITEMS, posted
from bench.figure import Figure
from bench.plan import Stage
from bench.server import Product

ACCOUNT = "bench-person"
COOKIE = "__Host-moat_person"
CALLS = 60
SLOWER_AT_MOST = 3
PAGES = {"home": "/", "looked": "/looked", "consents": "/consents", "requests": "/requests", "notices": "/notices"}


def privacy_pages(stage: Stage) -> Iterator[Figure]:
    """The median time of each main page, as calls a second of one person."""
    for _ in range(0, stage.sizes.grown, ITEMS):
        posted(stage.product.operation("/v1/tokenize"), [stage.workload.tokenize(ITEMS, kind="address")])
    cookie = {"Cookie": f"{COOKIE}={_session(stage.product)}", "Accept-Language": "zh-CN"}
    for name, path in PAGES.items():
        page = f"/privacy/default{path}"
        ours, echoed = [], []
        for _ in range(stage.sizes.rounds):
            ours.append(_median(stage.product.port, "GET", page, b"", cookie))
            echoed.append(
                _median(stage.echo_port, "POST", "/echo", b'{"page":1}', {"Content-Type": "application/json"})
            )
        mine, yardstick = statistics.median(ours), statistics.median(echoed)
        yield Figure(
            name=f"page_{name}", backend=stage.backend, value=1 / mine, unit="pages/s",
            yardstick="echo", ratio=yardstick / mine, goal=1 / SLOWER_AT_MOST,
        )  # fmt: skip


def _session(product: Product) -> str:
    """The session of somebody with a history."""
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


def _median(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> float:
    """The median time of a call in seconds, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - begun)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")
    connection.close()
    return statistics.median(times)
