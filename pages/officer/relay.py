"""The relay's pools: how many numbers each has in which state, and how much of it is in use."""

from flask import Blueprint, Response, request, url_for

from masking.relay.decision import NumberState
from masking.relay.stocking import Stocking
from pages.officer.around import Around
from web.auth import caller
from web.context import current
from web.principal import Scope

PAGE = 50
USABLE = (NumberState.NEW, NumberState.AVAILABLE)


class RelayPages:
    """The page of pools."""

    def __init__(self, around: Around, stocking: Stocking) -> None:
        self._around = around
        self._stocking = stocking

    def add(self, pages: Blueprint) -> None:
        """Enter the route."""
        pages.add_url_rule("/relay", "relay", self._around.door(self.pools, Scope.RELAY_MANAGE))

    def pools(self) -> Response:
        """Pools in the order in which they were made."""
        tenant, after = caller().tenant, request.args.get("after", "")
        place = int(after) if after.isascii() and after.isdecimal() and len(after) < 16 else 0
        found = self._stocking.pools(tenant, after=place, limit=PAGE)
        states = self._stocking.states(tenant, current().at)
        return self._around.site.page(
            "officer/relay.html",
            pools=[
                (
                    pool,
                    [(state.value, by_state[state][0]) for state in NumberState if state in by_state],
                    sum(load for _, load in by_state.values()),
                    pool.capacity * sum(by_state[state][0] for state in USABLE if state in by_state),
                )
                for pool in found
                for by_state in [states.get(pool.id, {})]
            ],
            next=url_for("officer.relay", after=found[-1].id) if len(found) == PAGE else None,
            first=url_for("officer.relay") if place else None,
        )
