"""HTTP operations on pictures. Their octets go in and out as a stream."""

from io import BufferedReader, RawIOBase
from typing import Any, cast

from flask import Response, jsonify, request
from flask_openapi.blueprint import APIBlueprint

from database.columns import rfc3339
from vault.access import Acting, Caller
from vault.handover.table import COURIER, CUSTOMER
from vault.messages import OrderPath
from vault.pictures import messages as m
from vault.pictures.keeping import PictureDesk
from vault.pictures.looking import PictureLook
from vault.pictures.picture import Picture
from vault.pictures.problems import UNUSABLE_PICTURE
from vault.pictures.reader import PictureError
from web.auth import caller, demand, require
from web.context import current
from web.edge_problems import INVALID_REQUEST, TOO_LARGE
from web.openapi import blueprint
from web.principal import Scope
from web.problems import FieldError, ProblemError
from work.http_replay import replay_of_call

_OCTETS = {"schema": {"type": "string", "format": "binary"}}
_STREAM: dict[Any, Any] = {200: {"description": "The picture", "content": {"image/*": _OCTETS}}}


class PictureApi:
    """Pictures over HTTP, each of at most `octets` octets."""

    def __init__(self, desk: PictureDesk, look: PictureLook, *, octets: int) -> None:
        self._desk = desk
        self._look = look
        self._octets = octets

    def blueprint(self) -> APIBlueprint:
        """The operations of this module."""
        api = blueprint("pictures", about="Pictures that prove a delivery, without what cameras write into them.")
        pictures = "/orders/<order>/pictures"
        one = f"{pictures}/<int:picture>"
        write, read = Scope.PICTURES_WRITE, require(Scope.PICTURES_READ)
        # One octet more, so that a picture over the bound is refused as one, and a stream without a length too.
        taking = require(write, body_bytes=self._octets + 1)
        api.post(pictures, responses={201: m.PictureAnswer})(taking(self.store_picture))
        api.get(pictures, responses={200: m.PicturesPage})(read(self.list_pictures))
        api.get(one, responses=_STREAM)(read(self.get_picture))
        api.delete(one, responses={204: None})(require(write)(self.delete_picture))
        return api

    def store_picture(self, path: OrderPath, query: m.StoreQuery) -> tuple[Response, int]:
        """Store a picture of an order

        The body is the file itself. Places, times, names of devices, thumbnails and whatever else is not the picture are taken
        out before anything is stored.
        """
        source = BufferedReader(cast(RawIOBase, request.stream))
        try:
            made = self._desk.put(_caller(), path.order, query.courier, source, replay_of_call())
        except PictureError as error:
            if error.code == "too_large":
                raise ProblemError(TOO_LARGE) from None
            raise ProblemError(UNUSABLE_PICTURE, detail=error.code) from None
        return jsonify(_answer(made)), 201

    def list_pictures(self, path: OrderPath, query: m.PicturesQuery) -> Response:
        """List the pictures of an order"""
        found = self._look.pictures(_looking(query), path.order, after=query.cursor, limit=query.limit)
        more = str(found[-1].id) if len(found) == query.limit else None
        return jsonify(items=[_answer(one) for one in found], next_cursor=more)

    def get_picture(self, path: m.PicturePath, query: m.SeenBy) -> Response:
        """Fetch a picture

        Couriers, customers and merchants see it at the stages at which the handover table shows them the kind `file` in full.
        """
        found, octets = self._look.get(_looking(query), path.order, path.picture)
        answer = Response(octets, content_type=f"image/{found.format}", direct_passthrough=True)
        answer.headers["Content-Length"] = str(found.size)
        answer.headers["Content-Disposition"] = "attachment"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def delete_picture(self, path: m.PicturePath) -> tuple[str, int]:
        """Destroy a picture"""
        self._desk.delete(_caller(), path.order, path.picture)
        return "", 204


def _looking(query: m.SeenBy) -> Caller:
    """Who looks, and for whom."""
    if query.courier is not None and query.customer is not None:
        raise ProblemError(
            INVALID_REQUEST, errors=[FieldError("customer", "invalid_combination", "Only one of the two.")]
        )
    if query.courier is not None:
        demand(Scope.ACT_AS_COURIER)
        return _caller(Acting(COURIER, query.courier))
    if query.customer is not None:
        demand(Scope.ACT_AS_CUSTOMER)
        return _caller(Acting(CUSTOMER, query.customer))
    return _caller()


def _caller(acting: Acting | None = None) -> Caller:
    principal = caller()
    return Caller(principal.tenant, principal.credential, principal.role.value, current().request_id, acting=acting)


def _answer(one: Picture) -> dict[str, Any]:
    return {
        "picture": one.id,
        "format": one.format,
        "size": one.size,
        "created_at": rfc3339(one.created_at),
        "expires_at": rfc3339(one.expires_at),
    }
