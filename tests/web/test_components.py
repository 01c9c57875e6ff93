"""Classes of one name in several blueprints are told apart in the document."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from web.openapi import document, new_app, public_blueprint


def _blueprint(name: str, *words: str) -> Any:
    """A blueprint with an operation whose body names a class `Mode` of the words."""
    mode: Any = StrEnum("Mode", words)  # type: ignore[misc]  # the words are the caller's
    body = type("Asked", (BaseModel,), {"__annotations__": {"mode": mode}})
    api = public_blueprint(name, about="Modes.")

    def change(body: Any) -> None: ...

    change.__annotations__["body"] = body
    change.__name__ = f"change_{name}"
    api.put(f"/{name}")(change)
    return api


def test_classes_of_one_name_and_what_refers_to_them_are_told_apart() -> None:
    app = new_app("1")
    for api in (_blueprint("calls", "voice"), _blueprint("texts", "mail", "sms"), _blueprint("again", "voice")):
        app.register_api(api)
    described = document(app)
    schemas = described["components"]["schemas"]

    def modes(path: str) -> Any:
        content = described["paths"][path]["put"]["requestBody"]["content"]
        asked = schemas[content["application/json"]["schema"]["$ref"].rpartition("/")[2]]
        (mode,) = [one.get("$ref", one) for one in (asked["properties"]["mode"],)]
        named = schemas[mode.rpartition("/")[2]]
        return named.get("enum", [named.get("const")])

    assert (modes("/calls"), modes("/texts"), modes("/again")) == (["voice"], ["mail", "sms"], ["voice"])
    assert {"Mode", "TextsMode", "Asked", "TextsAsked"} <= set(schemas)
    assert "AgainMode" not in schemas
