"""A site of one page that shows every component, over an edge of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry

from audit.log import AuditLog
from database.engine import Database
from pages.shell.chrome import Chrome, Kind, Place
from pages.shell.door import PublicDoor
from pages.shell.problems import FURTHER
from pages.shell.site import PAGES, Site
from tests.pages.listening import listening
from tests.support.server import free_port
from web.edge import Bounds, Edge, Packages, Surroundings

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}'


def edge_of(url: str) -> Edge:
    """The site as an application."""
    site = Site(ZoneInfo("Asia/Shanghai"), roots=(PAGES, Path(__file__).parent))

    def chrome() -> Chrome:
        kind = Kind(request.args.get("kind", "console"))
        places = [
            Place(url="/gallery", name="sample.title", icon="home", count=3),
            Place(url="/else", name="shell.brand", icon="people"),
        ]
        return Chrome(
            kind=kind, home="/gallery", places=places, account="li.na", account_url="/gallery", sign_out="/gallery"
        )

    door = PublicDoor(chrome)

    def gallery() -> Response:
        if request.method == "POST":
            return site.go("/gallery", said="sample.title")
        return site.page("sample/gallery.html", name=HOSTILE)

    def broken() -> Response:
        raise RuntimeError("13812345678")

    pages = Blueprint("gallery", __name__)
    pages.add_url_rule("/gallery", "gallery", door(gallery), methods=["GET", "POST"])
    pages.add_url_rule("/gallery/broken", "broken", door(broken))
    database = Database(url)
    around = Surroundings(
        database=database, log=AuditLog(), now=lambda: datetime.now(UTC), registry=CollectorRegistry(), version="0.1.0"
    )
    packages = Packages(
        blueprints=[],
        problems=FURTHER,
        pages=[site.assets.blueprint(), site.blueprint(), pages],
        page_answers=[site.problem],
    )
    return Edge(around, packages, Bounds(visitors_rate=0))


@contextmanager
def gallery(template: Path) -> Iterator[str]:
    """The address of the site while it is served."""
    edge = edge_of(f"sqlite:///{template}")
    port = free_port()
    try:
        with listening(edge.app, port):
            yield f"http://localhost:{port}"
    finally:
        edge.close()
