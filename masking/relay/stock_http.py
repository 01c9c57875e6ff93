"""HTTP operations on pools and numbers."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from masking.relay import stock_messages as m
from masking.relay.area import area_named, area_of
from masking.relay.errors import EmergencyNumberError, InvalidNumberError
from masking.relay.http import by_of_call, told
from masking.relay.importing import Fault, Line, import_numbers
from masking.relay.messages import PageQuery
from masking.relay.number import RelayNumber
from masking.relay.pool import DAY_MS, Pool, Terms
from masking.relay.reckoning import Reckoning
from masking.relay.stocking import NewNumber, Owned, Stocking
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope


class StockApi:
    """Pools and numbers over HTTP."""

    def __init__(self, stocking: Stocking, reckoning: Reckoning, region_of: Callable[[int], str]) -> None:
        self._stocking = stocking
        self._region_of = region_of
        self._reckoning = reckoning

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("relay_numbers", about="The numbers of the relay, and how they are given out.")
        manage = require(Scope.RELAY_MANAGE)
        one = "/relay/pools/<pool>"
        api.post("/relay/pools", responses={201: m.PoolAnswer})(manage(self.create_pool))
        api.get("/relay/pools", responses={200: m.PoolsPage})(manage(self.list_pools))
        api.get(one, responses={200: m.PoolAnswer})(manage(self.get_pool))
        api.put(one, responses={200: m.PoolAnswer})(manage(self.change_pool))
        api.get(f"{one}/plan", responses={200: m.PlanAnswer})(manage(self.plan_pool))
        api.post("/relay/numbers", responses={200: m.AddedAnswer})(manage(self.add_numbers))
        api.post("/relay/numbers/import", responses={200: m.AddedAnswer})(manage(self.import_numbers))
        api.post("/relay/numbers/state", responses={200: m.NumberAnswer})(manage(self.move_number))
        api.get("/relay/numbers", responses={200: m.NumbersPage})(manage(self.list_numbers))
        return api

    def create_pool(self, body: m.PoolRequest) -> tuple[Response, int]:
        """Make a pool of numbers"""
        made = told(lambda: self._stocking.create_pool(by_of_call(), body.pool, _terms(body)))
        return jsonify(self._answer(made)), 201

    def list_pools(self, query: PageQuery) -> Response:
        """List pools, with how many numbers they have in which state"""
        tenant = caller().tenant
        pools = self._stocking.pools(tenant, after=query.cursor, limit=query.limit)
        states = self._stocking.states(tenant, occasion().at)
        more = str(pools[-1].id) if len(pools) == query.limit else None
        return jsonify(items=[_pool(one, states.get(one.id, {})) for one in pools], next_cursor=more)

    def get_pool(self, path: m.PoolPath) -> Response:
        """Look at a pool"""
        return jsonify(self._answer(self._stocking.pool(caller().tenant, path.pool)))

    def change_pool(self, path: m.PoolPath, body: m.TermsBody) -> Response:
        """Give numbers out on other terms from now on

        Bindings that there are keep theirs.
        """
        return jsonify(self._answer(told(lambda: self._stocking.change_pool(by_of_call(), path.pool, _terms(body)))))

    def plan_pool(self, path: m.PoolPath, query: m.PlanQuery) -> Response:
        """Compare the numbers of a pool with what its bindings needed

        The bound is the busiest person's bindings at a time, those that cooled with them: nobody can do with fewer numbers.
        """
        at = occasion().at
        need, owned = self._reckoning.of_pool(caller().tenant, path.pool, since=at - query.days * DAY_MS)
        return jsonify(
            pool=path.pool,
            bindings=need.bindings,
            busiest=need.busiest,
            live=need.live,
            bound=need.bound,
            used=need.used,
            owned=owned,
        )

    def add_numbers(self, body: m.NumbersRequest) -> Response:
        """Put numbers into a pool

        One that is there already, in whatever pool and state, stays as it is.
        """
        faults: dict[int, Fault] = {}
        new: dict[int, NewNumber] = {}
        for place, item in enumerate(body.items):
            found = _new(item, self._region_of(caller().tenant))
            if isinstance(found, Fault):
                faults[place] = found
            else:
                new[place] = found
        added = self._stocking.add(by_of_call(), body.pool, list(new.values()))
        faults |= {place: Fault.KNOWN for place, one in zip(new, added, strict=True) if not one}
        return jsonify(_added([Line(place, faults.get(place)) for place in range(len(body.items))]))

    def import_numbers(self, body: m.ImportRequest) -> Response:
        """Put the numbers of a CSV file into a pool

        A line that cannot be used is named with its reason, and the others are added.
        """
        by, text = by_of_call(), body.csv.get_secret_value()
        return jsonify(_added(import_numbers(self._stocking, by, body.pool, text, self._region_of(by.tenant))))

    def move_number(self, body: m.StateRequest) -> Response:
        """Freeze, quarantine, suspend, retire or free a number"""
        by = by_of_call()
        value = RelayNumber.parse(body.number.get_secret_value(), self._region_of(by.tenant)).value
        return jsonify(_number(self._stocking.move(by, value, body.state, rest=body.rest_seconds * 1_000), by.at))

    def list_numbers(self, query: m.NumbersQuery) -> Response:
        """List numbers, by page"""
        found = self._stocking.numbers(caller().tenant, query.pool, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        at = occasion().at
        return jsonify(items=[_number(one, at) for one in found], next_cursor=more)

    def _answer(self, pool: Pool) -> dict[str, Any]:
        return _pool(pool, self._stocking.states(caller().tenant, occasion().at).get(pool.id, {}))


def _terms(body: m.TermsBody) -> Terms:
    return Terms(
        modes=frozenset(body.modes),
        match=body.match,
        sticky=body.sticky,
        cool=body.cool_seconds * 1_000,
        open_cool=body.open_cool_seconds * 1_000,
        capacity=body.capacity,
        digits=body.digits,
        lasts=body.lasts_seconds * 1_000,
        lasts_at_most=body.lasts_at_most_seconds * 1_000,
    )


def _new(item: m.NumberBody, region: str) -> NewNumber | Fault:
    try:
        number = RelayNumber.parse(item.number.get_secret_value(), region)
    except EmergencyNumberError:
        return Fault.EMERGENCY
    except InvalidNumberError:
        return Fault.NUMBER
    area = area_named(item.area) if item.area else area_of(number)
    if item.area and area is None:
        return Fault.AREA
    code, province = ("", "") if area is None else area
    return NewNumber(
        number=number,
        area=code,
        province=item.province or province,
        carrier=item.carrier,
        voice=item.voice,
        texts=item.texts,
    )


def _added(lines: list[Line]) -> dict[str, Any]:
    faults = [{"line": one.line, "code": one.fault.value} for one in lines if one.fault is not None]
    return {"added": len(lines) - len(faults), "faults": faults}


def _pool(pool: Pool, states: dict[str, tuple[int, int]]) -> dict[str, Any]:
    return {
        "pool": pool.name,
        "modes": sorted(mode.value for mode in pool.modes),
        "match": pool.match.value,
        "sticky": pool.sticky.value,
        "cool_seconds": pool.cool // 1_000,
        "open_cool_seconds": pool.open_cool // 1_000,
        "capacity": pool.capacity,
        "digits": pool.digits,
        "lasts_seconds": pool.lasts // 1_000,
        "lasts_at_most_seconds": pool.lasts_at_most // 1_000,
        "numbers": {state: count for state, (count, _) in states.items()},
        "live": sum(load for _, load in states.values()),
    }


def _number(owned: Owned, at: int) -> dict[str, Any]:
    return {
        "number": owned.value,
        "kind": owned.kind.value,
        "area": owned.area,
        "province": owned.province,
        "carrier": owned.carrier,
        "voice": owned.voice,
        "texts": owned.texts,
        "state": owned.state.value,
        "since": rfc3339(owned.since),
        "rests_until": rfc3339(owned.not_before) if owned.not_before > at else None,
        "live": owned.load,
    }
