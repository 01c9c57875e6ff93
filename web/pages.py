"""Pages for people: the operations of the API and the meaning of each problem, made from the same objects as the service.

They are plain HTML from this server, without a script, so that they work under the content security policy of all answers.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, send_file

from web.auth import public
from web.edge_problems import NOT_FOUND
from web.problems import Catalogue, ProblemError

_STYLE = Path(__file__).parent / "templates" / "web" / "docs.css"


class DocsPages:
    """GET /openapi.json, /docs and /docs/errors/. `describe` makes the OpenAPI document."""

    def __init__(self, describe: Callable[[], dict[str, Any]], catalogue: Catalogue) -> None:
        self._describe = describe
        self._catalogue = catalogue

    def blueprint(self) -> Blueprint:
        """The pages of this module."""
        pages = Blueprint("docs", __name__, template_folder="templates")
        pages.add_url_rule("/openapi.json", "openapi", public(self.openapi))
        pages.add_url_rule("/docs", "operations", public(self.operations))
        pages.add_url_rule("/docs/errors", "problems", public(self.problems))
        pages.add_url_rule("/docs/errors/<code>", "problem", public(self.problem))
        pages.add_url_rule("/docs/style.css", "style", public(self.style))
        return pages

    def openapi(self) -> Response:
        """The OpenAPI document."""
        return jsonify(self._describe())

    def operations(self) -> str:
        """All operations and schemas on one page."""
        described = self._describe()
        groups: dict[str, list[dict[str, Any]]] = {}
        for path, methods in sorted(described["paths"].items()):
            for method, operation in methods.items():
                groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
        return render_template(
            "web/operations.html",
            title=described["info"]["title"],
            version=described["info"]["version"],
            groups=groups,
            about={tag["name"]: tag.get("description", "") for tag in described.get("tags", [])},
            schemas=[_schema(name, schema) for name, schema in sorted(described["components"]["schemas"].items())],
        )

    def problems(self) -> str:
        """All problems with their codes."""
        return render_template("web/problems.html", problems=list(self._catalogue))

    def problem(self, code: str) -> str:
        """What one problem means and what to do about it."""
        problem = self._catalogue.named(code)
        if problem is None:
            raise ProblemError(NOT_FOUND)
        return render_template("web/problem.html", problem=problem)

    def style(self) -> Response:
        """The one style sheet."""
        return send_file(_STYLE, mimetype="text/css", max_age=3600)


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method.upper(),
        "summary": operation.get("summary", ""),
        "description": operation.get("description", "").replace("<br/>", "\n").strip(),
        "parameters": [(one["name"], one["in"], one.get("description", "")) for one in operation.get("parameters", [])],
        "takes": [_type(media.get("schema", {})) for media in content.values()],
        "gives": [
            (
                status,
                response.get("description", ""),
                [_type(media.get("schema", {})) for media in response["content"].values()],
            )
            for status, response in sorted(operation["responses"].items())
            if response.get("content")
        ],
    }


def _schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    return {
        "name": name,
        "description": schema.get("description", ""),
        "values": schema.get("enum", []),
        "fields": [
            (field, _type(one), field in required, one.get("description", ""))
            for field, one in schema.get("properties", {}).items()
        ],
    }


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if reference := schema.get("$ref"):
        return str(reference).rsplit("/", 1)[-1]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(_type(one) for one in schema[word])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "any"))
