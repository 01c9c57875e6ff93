"""HTTP operations on bindings and blocks."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Response, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import SecretStr

from database.columns import millis, rfc3339
from masking.relay import messages as m
from masking.relay.binding import Bindings
from masking.relay.blocking import Block, Blocking, NewBlock
from masking.relay.bound import Bound, By, Change, Wish
from masking.relay.errors import ExhaustedError, ModeFieldsError, PartyError, RelayError
from masking.relay.number import RelayNumber
from masking.relay.ports import PartyName
from masking.relay.problems import MODE_FIELDS, PARTY, PROBLEMS
from web.auth import caller, occasion, require
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError
from work.http_replay import replay_of_call

Answer = TypeVar("Answer")


class BindingApi:
    """Bindings and blocks over HTTP."""

    def __init__(self, bindings: Bindings, blocking: Blocking, region_of: Callable[[int], str]) -> None:
        self._bindings = bindings
        self._region_of = region_of
        self._blocking = blocking

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("relay", about="Numbers between people who do not see each other's.")
        manage = require(Scope.RELAY_MANAGE)
        one = "/relay/bindings/<int:binding>"
        gone: dict[Any, Any] = {204: None}
        api.post("/relay/bindings", responses={201: m.BindingAnswer})(manage(self.bind_people))
        api.post("/relay/bindings/bulk", responses={200: m.BindingsAnswer})(manage(self.bind_many))
        api.get("/relay/bindings", responses={200: m.BindingsPage})(manage(self.list_bindings))
        api.get(one, responses={200: m.BindingAnswer})(manage(self.get_binding))
        api.patch(one, responses={200: m.BindingAnswer})(manage(self.change_binding))
        api.delete(one, responses={200: m.BindingAnswer})(manage(self.end_binding))
        api.post(f"{one}/hangup", responses={200: m.HangUpAnswer})(manage(self.hang_up_calls))
        api.post("/relay/blocks", responses={201: m.BlocksAnswer})(manage(self.set_block))
        api.get("/relay/blocks", responses={200: m.BlocksPage})(manage(self.list_blocks))
        api.delete("/relay/blocks/<int:block>", responses=gone)(manage(self.lift_block))
        return api

    def bind_people(self, body: m.BindingRequest) -> tuple[Response, int]:
        """Put numbers between people

        The same people for the same order get the binding that they have.
        """
        by = by_of_call()
        made = told(lambda: self._bindings.bind(by, _wish(body, self._region_of(by.tenant)), replay_of_call()))
        return jsonify(self._answers([made])[0]), 201

    def bind_many(self, body: m.BindingsRequest) -> Response:
        """Put numbers between many people, as at the beginning of a shift

        An item that cannot be met has its error in its place, and the others stand.
        """
        by = by_of_call()
        wishes: list[Wish | RelayError] = []
        for item in body.items:
            try:
                wishes.append(_wish(item, self._region_of(by.tenant)))
            except RelayError as error:
                wishes.append(error)
        made = iter(self._bindings.bulk(by, [one for one in wishes if isinstance(one, Wish)], replay_of_call()))
        answers = [next(made) if isinstance(one, Wish) else one for one in wishes]
        bound = iter(self._answers([one for one in answers if isinstance(one, Bound)]))
        return jsonify(items=[next(bound) if isinstance(one, Bound) else _failed(one) for one in answers])

    def list_bindings(self, query: m.BindingsQuery) -> Response:
        """List bindings, by page"""
        tenant = caller().tenant
        if query.order is not None:
            found = self._bindings.of_order(tenant, order_of(query.order))
            return jsonify(items=self._answers(found), next_cursor=None)
        found = self._bindings.listed(tenant, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify(items=self._answers(found), next_cursor=more)

    def get_binding(self, path: m.BindingPath) -> Response:
        """Look at a binding"""
        return jsonify(self._answers([self._bindings.get(caller().tenant, path.binding)])[0])

    def change_binding(self, path: m.BindingPath, body: m.ChangeRequest) -> Response:
        """Change a binding that is live

        Another courier takes over on the same number; whoever was there hears that the order has ended.
        """
        change = Change(
            b=_name(body.b, "b"),
            crew=tuple(_needed(one, f"crew.{place}") for place, one in enumerate(body.crew)),
            lasts=_millis(body.expires_in),
            direction=body.direction,
            texts=body.texts,
            record=body.record,
            max_seconds=body.max_call_seconds,
            version=body.version,
        )
        changed = told(lambda: self._bindings.change(by_of_call(), path.binding, change))
        return jsonify(self._answers([changed])[0])

    def end_binding(self, path: m.BindingPath) -> Response:
        """End a binding

        A call that is under way goes on; from now on nobody is connected, and callers hear that the order has ended.
        """
        return jsonify(self._answers([self._bindings.unbind(by_of_call(), path.binding)])[0])

    def hang_up_calls(self, path: m.BindingPath) -> Response:
        """End the calls of a binding that are under way

        Both sides are connected no longer once this is answered, where `switch` is `told`, and what was ringing rings no more.
        """
        ended = self._bindings.hang_up(by_of_call(), path.binding)
        return jsonify(calls=ended.calls, switch=ended.switch.value)

    def set_block(self, body: m.BlockRequest) -> tuple[Response, int]:
        """Block calls and texts

        Between two people, of a person to anybody, to a person by anybody, or on a number.
        """
        by = by_of_call()
        wanted = NewBlock(
            caller=_name(body.caller, "caller"),
            callee=_name(body.callee, "callee"),
            number=_relay_number(body.number, self._region_of(by.tenant)),
            both_ways=body.both_ways,
            reason=body.reason,
            until=None if body.until is None else millis(body.until),
        )
        return jsonify(blocks=told(lambda: self._blocking.block(by, wanted, replay_of_call()))), 201

    def list_blocks(self, query: m.PageQuery) -> Response:
        """List blocks, by page"""
        found = self._blocking.blocks(caller().tenant, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify(items=[_block(one) for one in found], next_cursor=more)

    def lift_block(self, path: m.BlockPath) -> tuple[str, int]:
        """Lift a block"""
        self._blocking.unblock(by_of_call(), path.block)
        return "", 204

    def _answers(self, found: Sequence[Bound]) -> list[dict[str, Any]]:
        numbers = [number for one in found for number in one.numbers]
        values = self._bindings.values(caller().tenant, numbers) if numbers else {}
        return [_binding(one, values) for one in found]


def by_of_call() -> By:
    """Who acts in the present call."""
    now = occasion()
    return By(caller().tenant, now.actor, now.request, now.at)


def told(act: Callable[[], Answer]) -> Answer:
    """What `act` returns, or its refusal with all that there is to say of it.

    Raises:
        ProblemError: it was refused with a field, or for want of numbers.
    """
    try:
        return act()
    except PartyError as error:
        raise ProblemError(PARTY, errors=[FieldError(error.field, error.reason, "Cannot be called.")]) from None
    except ModeFieldsError as error:
        field = FieldError(error.field, "mode_fields", "Missing, or not of this mode.")
        raise ProblemError(MODE_FIELDS, errors=[field]) from None
    except ExhaustedError as error:
        headers = {} if error.free_at is None else {"Retry-After": str(_wait(error.free_at))}
        raise ProblemError(PROBLEMS[type(error)], detail=_exhausted(error), headers=headers) from None


def order_of(order: str) -> str:
    """An order as a ref, which is how the rest of the service names it."""
    return order if order.startswith("order:") else f"order:{order}"


def _relay_number(written: SecretStr | None, region: str) -> str | None:
    return None if written is None else RelayNumber.parse(written.get_secret_value(), region).value


def _wish(body: m.BindingRequest, region: str) -> Wish:
    return Wish(
        mode=body.mode,
        pool=body.pool,
        order=order_of(body.order),
        a=_name(body.a, "a"),
        b=_name(body.b, "b"),
        crew=tuple(_needed(one, f"crew.{place}") for place, one in enumerate(body.crew)),
        area=tuple(body.area),
        x=_relay_number(body.x, region),
        lasts=_millis(body.expires_in),
        direction=body.direction,
        texts=body.texts,
        record=body.record,
        max_seconds=body.max_call_seconds,
    )


def _name(party: m.PartyBody | None, field: str) -> PartyName | None:
    return None if party is None else _needed(party, field)


def _needed(party: m.PartyBody, field: str) -> PartyName:
    if (party.token is None) is (party.subject is None):
        raise ProblemError(MODE_FIELDS, errors=[FieldError(field, "mode_fields", "A token or a subject.")])
    return PartyName(None if party.token is None else party.token.get_secret_value(), party.subject)


def _millis(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1_000


def _wait(free_at: int) -> int:
    return max(1, -(-(free_at - occasion().at) // 1_000))


def _exhausted(error: ExhaustedError) -> str:
    free = "" if error.free_at is None else f", the next is free at {rfc3339(error.free_at)}"
    return f"{error.tiers} {'area' if error.tiers == 1 else 'areas'} tried{free}."


def _failed(error: RelayError) -> dict[str, Any]:
    problem = PROBLEMS[type(error)]
    detail = problem.title
    if isinstance(error, ExhaustedError):
        detail = _exhausted(error)
    elif isinstance(error, PartyError):
        detail = f"{error.field}: {error.reason}"
    elif isinstance(error, ModeFieldsError):
        detail = error.field
    return {"error": {"code": problem.code, "detail": detail}}


def _binding(bound: Bound, values: Mapping[int, str]) -> dict[str, Any]:
    return {
        "binding": bound.id,
        "mode": bound.mode.value,
        "x": values[bound.x],
        "y": None if bound.y is None else values[bound.y],
        "extension": bound.extension,
        "direction": bound.direction.value,
        "texts": bound.texts,
        "record": bound.record,
        "max_call_seconds": bound.max_seconds,
        "version": bound.version,
        "created_at": rfc3339(bound.created_at),
        "expires_at": rfc3339(bound.expires_at),
        "ended_at": None if bound.closed_at is None else rfc3339(bound.closed_at),
        "end_reason": bound.close_reason,
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "block": block.id,
        "of_caller": block.of_caller,
        "of_callee": block.of_callee,
        "number": block.number,
        "reason": block.reason,
        "until": None if block.until is None else rfc3339(block.until),
        "created_at": rfc3339(block.created_at),
    }
