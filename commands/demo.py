"""`moat demo`."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from ipaddress import ip_address
from typing import Final

import click
import orjson
import pyotp
from httpx import WSGITransport

import settings
from app import Moat, opened, start_work
from audit.entry import Actor, ActorKind
from audit.event_id import uuid7
from commands.serving import default_tenant, serve_prepared
from composition.clock import utc_now
from database.columns import millis
from demo.cast import Place
from demo.cli import demo_group
from demo.errors import DemoStuckError
from deployment import prepare
from pages.staff import one_time
from settings import Settings
from web.issuance import Grant, Occasion
from web.logs import configure_logging
from web.principal import Role, Scope
from work.dispatcher import Dispatcher
from work.job import JobState

SETTLES_WITHIN_S: Final = 60
"""How long the demo waits for its own jobs, which are a second's work, before it gives up."""

_WAITS_S: Final = 0.02
_DEVICE: Final = "other_other"


class DemoClock:
    """The hour, or the moment that the demo's past has come to."""

    def __init__(self, moment: datetime | None) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment or utc_now()


class DemoStart:
    """Makes and serves the deployment of `moat demo`."""

    @contextmanager
    def opened(self, place: Place, port: int, begun: datetime | None = None) -> Iterator["DemoService"]:
        """Make the deployment and open it in this process, at a moment of the past if one is given, with nothing to say about
        calls that it makes to itself.

        Raises:
            click.ClickException: it would be open to others.
        """
        configure_logging(level=logging.WARNING)
        chosen = _chosen(place, port)
        prepare(chosen)
        clock = DemoClock(begun)  # before anything looks at it, for it never goes back
        moat = opened(chosen, now=clock)
        dispatcher = start_work(chosen, moat, clock)
        try:
            yield DemoService(moat, dispatcher, default_tenant(moat.tenants, chosen), clock, place)
        finally:
            dispatcher.stop()
            moat.close()

    def serve(self, place: Place, port: int, ready: Callable[[str], None]) -> None:
        """Serve it until it is stopped, with the front page."""
        chosen = _chosen(place, port)
        serve_prepared(chosen, lambda listener, _: ready(listener.url), demo=place.root)


class DemoService:
    """An opened deployment that the demo fills before it listens."""

    def __init__(self, moat: Moat, dispatcher: Dispatcher, tenant: int, clock: DemoClock, place: Place) -> None:
        self._moat = moat
        self._dispatcher = dispatcher
        self._tenant = tenant
        self._clock = clock
        self._place = place
        self.transport = WSGITransport(moat.app)

    def credential(self, name: str, role: str, scopes: Sequence[str]) -> str:
        """Make a test credential and return its text."""
        grant = Grant(name=name, role=Role(role), extra=frozenset(map(Scope, scopes)), test=True)
        return self._moat.credentials.create(self._tenant, grant, self._occasion())[1].reveal()

    def official(self, name: str, role: str) -> str:
        """Make a member of staff with an authenticator app, and return the app's secret."""
        now = self._occasion()
        _, text = self._moat.staff.inviting.invite(self._tenant, name, Role(role), now)
        enrolling, secret = self._moat.staff.enrolling, one_time.new_secret()
        code = pyotp.TOTP(secret).at(now.at // 1000)
        enrolling.by_app(enrolling.find(text.reveal(), now.at), secret, code, _DEVICE, now)
        return secret

    def at(self, moment: datetime | None) -> None:
        """Let it be a moment of the past, or now, and do what is due by then. The clock stands still in the past, and never goes
        back."""
        self._clock.moment = moment
        self._moat.publishing.catch_up()  # measures the log's age by the new moment: plain values leave only while it is young
        self._dispatcher.go_round()

    def settle(self) -> None:
        """Wait until no job is under way and the log is published. Raises DemoStuckError."""
        until = time.monotonic() + SETTLES_WITHIN_S
        self._moat.publishing.catch_up()
        while any(self._under_way(state) for state in (JobState.QUEUED, JobState.RUNNING)):
            if time.monotonic() > until:
                raise DemoStuckError
            self._moat.jobs.nudge()
            time.sleep(_WAITS_S)
            self._moat.publishing.catch_up()

    def sent(self) -> Sequence[str]:
        """The words of whatever was sent so far, in order."""
        file = self._place.messages
        return [orjson.loads(line)["text"] for line in file.read_bytes().splitlines()] if file.exists() else []

    def _under_way(self, state: JobState) -> bool:
        return bool(self._moat.jobs.page(self._tenant, before=None, limit=1, kind=None, state=state))

    def _occasion(self) -> Occasion:
        at = millis(self._clock())
        return Occasion(actor=Actor(ActorKind.OPERATOR), request=str(uuid7(at)), at=at)


def _chosen(place: Place, port: int) -> Settings:
    """The settings of a demo, which lets everybody in and so is for this host alone. Raises click.ClickException."""
    chosen = settings.load(
        data=place.data,
        keys=place.keys,
        port=port,
        messenger=f"file:{place.messages}",
        privacy_url=f"http://localhost:{port}",
    )
    if chosen.behind_proxy or not _is_loopback(chosen.bind):
        raise click.ClickException(
            "the demo signs everybody in who asks, so it listens on 127.0.0.1 only: unset MOAT_BIND and MOAT_BEHIND_PROXY"
        )
    return chosen


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


demo = demo_group(DemoStart())
