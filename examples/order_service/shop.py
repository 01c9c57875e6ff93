"""The order service's own operations. It gets tokens from whoever takes the order, and never sees what they stand for."""

import re
import time
from typing import Any

from flask import Blueprint, Response, jsonify, request

from examples.order_service.book import Order, OrderBook

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ShopApi:
    """Orders over HTTP."""

    def __init__(self, book: OrderBook) -> None:
        self._book = book

    def blueprint(self) -> Blueprint:
        """The operations."""
        api = Blueprint("shop", __name__)
        api.get("/healthz")(lambda: Response(status=204))
        api.post("/orders")(self.place)
        api.get("/orders/<number>")(self.show)
        api.post("/orders/<number>/complete")(self.complete)
        return api

    def place(self) -> tuple[Response, int] | Response:
        """Take an order: `order`, `customer`, `item`, `cents`, `phone` and `address` as tokens, and perhaps a `note`."""
        told = request.get_json()
        if not all(_ID.fullmatch(str(told.get(name, ""))) for name in ("order", "customer")):
            return Response(status=400)
        order = Order(
            told["order"],
            told["customer"],
            str(told["item"]),
            int(told["cents"]),
            told.get("phone"),
            told.get("address"),
            told.get("note"),
            int(time.time()),  # noqa: TID251 - an example has no settings
            None,
        )
        self._book.place(order)
        return jsonify(_answer(order)), 201

    def show(self, number: str) -> Response:
        """An order. One of a customer whose data is restricted is stored and not shown."""
        order = self._book.order(number)
        if order is None:
            return Response(status=404)
        return Response(status=423) if self._book.is_restricted(order.customer) else jsonify(_answer(order))

    def complete(self, number: str) -> Response:
        """The courier has handed it over."""
        self._book.complete(number, int(time.time()))  # noqa: TID251 - an example has no settings
        return Response(status=204)


def _answer(order: Order) -> dict[str, Any]:
    return {
        "order": order.id,
        "customer": order.customer,
        "item": order.item,
        "cents": order.cents,
        "phone": order.phone_token,
        "address": order.address_token,
        "note": order.note,
        "completed": order.completed_at is not None,
    }
