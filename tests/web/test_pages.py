"""The OpenAPI document and the pages for people."""

import re

import pytest

from tests.web.house import House
from web.auth import public
from web.edge_problems import EDGE_PROBLEMS
from web.openapi import blueprint, document, new_app


def test_the_document_is_openapi_3_1_with_unique_operation_ids(house: House) -> None:
    described = house.client.get("/openapi.json").json
    assert described["openapi"].startswith("3.1.")
    ids = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))
    assert {"create_credential", "list_credentials", "revoke_credential", "rotate_credential", "whoami"} <= set(ids)


def test_every_reference_of_the_document_leads_somewhere(house: House) -> None:
    answer = house.client.get("/openapi.json")
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', answer.text))
    assert names <= set(answer.json["components"]["schemas"])
    assert {"Problem", "ProblemField", "Role", "Scope"} <= names
    assert "$defs" not in answer.text


def test_operations_with_a_credential_say_so_and_document_their_problems(house: House) -> None:
    described = house.client.get("/openapi.json").json
    assert described["components"]["securitySchemes"]["credential"]["scheme"] == "bearer"
    operation = described["paths"]["/v1/whoami"]["get"]
    assert operation["security"] == [{"credential": []}]
    assert {"200", "401", "403", "422", "429", "default"} <= set(operation["responses"])
    assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
    assert "security" not in described["paths"]["/healthz"]["get"]


def test_two_operations_of_one_name_cannot_be_described() -> None:
    app = new_app("0")
    for name in ("one", "two"):
        api = blueprint(name, about="", prefix=f"/{name}")

        @api.get("/x")
        @public
        def same() -> str:
            return ""

        app.register_api(api)
    with pytest.raises(ValueError, match="same"):
        document(app)


def test_the_pages_show_every_operation_schema_and_problem(house: House) -> None:
    page = house.client.get("/docs").text
    described = house.client.get("/openapi.json").json
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in page
            assert f'id="{operation["operationId"]}"' in page
    for name in described["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
    listed = house.client.get("/docs/errors").text
    for problem in EDGE_PROBLEMS:
        assert f'href="/docs/errors/{problem.code}"' in listed
        one = house.client.get(f"/docs/errors/{problem.code}").text
        assert problem.title in one


def test_the_pages_need_no_script_and_nothing_from_elsewhere(house: House) -> None:
    for path in ("/docs", "/docs/errors", "/docs/errors/busy"):
        page = house.client.get(path).text
        assert "<script" not in page
        assert "style=" not in page
        assert "://" not in page
        for link in re.findall(r'(?:href|src)="([^"#]+)', page):
            with house.client.get(link) as linked:
                assert linked.status_code == 200


def test_an_unknown_problem_has_no_page(house: House) -> None:
    assert house.client.get("/docs/errors/13812345678").status_code == 404
