"""How blueprints are built, and the OpenAPI document that comes out of them.

Operation ids are the names of the view functions and are unique over all packages. Every operation documents its problems.
The documents are OpenAPI 3.1: what the models generate is JSON Schema 2020-12, which 3.1 adopts whole, and clients generate
from 3.1 where many do not read 3.2 yet.
"""

from collections.abc import Callable, Iterator
from functools import cache
from threading import Lock
from typing import Any

from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI
from flask_openapi.types import ParametersTuple, ResponseDict
from flask_openapi.utils import parse_parameters
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from web.components import tell_apart
from web.invalid import problem_of
from web.json_body import JsonRequest, OrjsonProvider
from web.problems import MEDIA_TYPE

VERSION = "3.1.1"
SECURITY = "credential"
PERSON_SECURITY = "session"

_PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEMS = {
    "422": {"description": "The request does not fit its schema", "content": _PROBLEM_CONTENT},
    "default": {"description": "Another problem; its code has a page under /docs/errors/", "content": _PROBLEM_CONTENT},
}
_REFUSALS = {
    "401": {"description": "No valid credential", "content": _PROBLEM_CONTENT},
    "403": {"description": "The credential lacks the scope", "content": _PROBLEM_CONTENT},
    "429": {"description": "Too many calls", "content": _PROBLEM_CONTENT},
}


class ProblemField(BaseModel):
    """One field that is wrong."""

    field: str = Field(
        description="Where the field is, such as `items.3.value`. Names that the schema does not know stand as *."
    )
    code: str
    detail: str


class Problem(BaseModel):
    """A refusal or a failure (RFC 9457). It never contains what was submitted."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="Path of the page that explains the code.")
    title: str
    status: int
    code: str
    request_id: str
    detail: str | None = None
    errors: list[ProblemField] | None = None


def blueprint(name: str, *, about: str, prefix: str = "/v1") -> APIBlueprint:
    """A blueprint of operations that need a credential. `name` is also its tag; `about` is the tag's description."""
    return _Operations(
        name,
        __name__,
        url_prefix=prefix,
        abp_tags=[Tag(name=name, description=about)],
        abp_security=[{SECURITY: []}],
        abp_responses={**_copy(_REFUSALS), **_copy(_PROBLEMS)},
        operation_id_callback=_operation_id,
    )


def person_blueprint(name: str, *, about: str, prefix: str) -> APIBlueprint:
    """A blueprint of operations that people call themselves, most of them in a session of their own."""
    refusals = {status: _REFUSALS[status] for status in ("401", "429")}
    return _Operations(
        name,
        __name__,
        url_prefix=prefix,
        abp_tags=[Tag(name=name, description=about)],
        abp_responses={**_copy(refusals), **_copy(_PROBLEMS)},
        operation_id_callback=_operation_id,
    )


def public_blueprint(name: str, *, about: str, prefix: str | None = None) -> APIBlueprint:
    """A blueprint of operations that anybody may call."""
    return _Operations(
        name,
        __name__,
        url_prefix=prefix,
        abp_tags=[Tag(name=name, description=about)],
        abp_responses=_copy(_PROBLEMS),
        operation_id_callback=_operation_id,
    )


class _Operations(APIBlueprint):
    """Operations that are described when somebody asks: writing the schemas of all models takes longer than starting without."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._untold: list[tuple[str, Any, dict[str, Any]]] = []

    def _collect_openapi_info(self, rule: str, func: Any, **told: Any) -> ParametersTuple:
        self._untold.append((rule, func, told))
        return parse_parameters(func, doc_ui=False)

    def describe(self) -> None:
        for rule, func, told in self._untold:
            super()._collect_openapi_info(rule, func, **told)
        self._untold.clear()


class _App(OpenAPI):
    """Describes itself when it is first asked to."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._operations: list[APIBlueprint] = []
        self._describing = Lock()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask asks of each hook and view of each request whether it is a coroutine; here none is."""
        return func

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        self._operations.append(api)
        self.register_blueprint(api, **options)

    @property
    def api_doc(self) -> dict[str, Any]:
        with self._describing:
            for api in self._operations:
                if isinstance(api, _Operations):
                    api.describe()
                tell_apart(api, self.components_schemas)
                self.tags.extend(api.tags)
                self.paths.update(api.paths)
                self.components_schemas.update(api.components_schemas)
            self._operations.clear()
            described: dict[str, Any] = super().api_doc
            return described


def new_app(version: str) -> OpenAPI:
    """A Flask application that reads requests as JSON text, answers by orjson, and describes itself in OpenAPI 3.1."""
    app = _App(
        "web",
        info=Info(title="Moat", version=version, description="Encrypted personal-data vault for delivery platforms."),
        security_schemes={
            SECURITY: {"type": "http", "scheme": "bearer", "description": "A credential, moat_…"},
            PERSON_SECURITY: {"type": "http", "scheme": "bearer", "description": "A person's session, mps1_…"},
        },
        validation_error_status=422,
        validation_error_model=Problem,
        doc_ui=False,
        static_folder=None,
    )
    app.openapi_version = VERSION
    app.request_class = JsonRequest
    app.json = OrjsonProvider(app)

    @cache
    def names() -> frozenset[str]:
        return frozenset(words_of(document(app)))

    def refuse(error: ValidationError) -> None:
        raise problem_of(error, names())

    app.validation_error_callback = refuse
    return app


def document(app: OpenAPI) -> dict[str, Any]:
    """The OpenAPI document of all blueprints that are registered.

    Raises:
        ValueError: two operations have one id.
    """
    described: dict[str, Any] = app.api_doc
    ids = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    if repeated := {name for name in ids if ids.count(name) > 1}:
        raise ValueError(f"operation ids are not unique: {', '.join(sorted(repeated))}")
    return described


def words_of(described: Any) -> Iterator[str]:
    """The names of properties and parameters and the listed values of a document: what a problem may repeat as a field."""
    if isinstance(described, list):
        for item in described:
            yield from words_of(item)
    elif isinstance(described, dict):
        if isinstance(properties := described.get("properties"), dict):
            yield from properties
        if "in" in described and isinstance(name := described.get("name"), str):
            yield name
        listed = [*described.get("enum", ()), described.get("const")] if "schemas" not in described else ()
        yield from (value for value in listed if isinstance(value, str))
        for value in described.values():
            yield from words_of(value)


def _operation_id(*, name: str, path: str, method: str) -> str:  # noqa: ARG001 - the callback's signature is flask-openapi's
    return name


def _copy(responses: dict[str, dict[str, Any]]) -> ResponseDict:
    """flask-openapi writes into what it is given."""
    return {status: dict(response) for status, response in responses.items()}
