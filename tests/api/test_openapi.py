"""The service against its own OpenAPI document: whatever fits or does not fit the schemas, answers are those that it declares."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)

from tests.api.conftest import Api, composed
from web.principal import Role

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    missing_required_header,
    unsupported_method,
    use_after_free,
]
PART_OF_EXAMPLES = 8
"""An operation with a body is tried with this part of Hypothesis' examples, one with nothing but parameters with half of it:
there are hundreds of operations. `make fuzz` has many more."""


@pytest.fixture(scope="module")
def sqlite_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The application on SQLite: what is tried here does not depend on the database."""
    with composed(tmp_path_factory.mktemp("openapi"), None) as api:
        yield api


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_keeps_to_the_document(
    sqlite_api: Api, subtests: pytest.Subtests, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", sqlite_api.moat.app)
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # an operation that cannot be read fails the test here
        with subtests.test(operation=operation.label), suppress(Unsatisfiable):  # nothing about it can be wrong
            part = PART_OF_EXAMPLES if operation.body else 2 * PART_OF_EXAMPLES
            _try(operation.as_strategy(generation_mode=mode), sqlite_api, settings().max_examples // part)


def _try(cases: SearchStrategy[Any], api: Api, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def keeps_to_the_document(case: Any) -> None:
        assume(all(value not in ([], {}) for value in (case.query or {}).values()))  # is not sent, so nothing is wrong
        role = ROLES.get(case.operation.definition.raw["operationId"], Role.SERVICE)
        credential = api.service if role is Role.SERVICE else api.role(role)
        case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {credential}"})

    keeps_to_the_document()


ROLES = {
    "shred_subject": Role.PRIVACY_OFFICER,
    "freeze_subject": Role.PRIVACY_OFFICER,
    "unfreeze_subject": Role.PRIVACY_OFFICER,
    "list_keys": Role.OPERATOR,
    "rotate_key": Role.OPERATOR,
    "destroy_key_version": Role.OPERATOR,
    "metrics": Role.OPERATOR,
    "cancel_job": Role.OPERATOR,
    "resume_job": Role.OPERATOR,
    "pause_job": Role.OPERATOR,
    "approve_job": Role.OPERATOR,
    "list_jobs": Role.OPERATOR,
    "create_webhook": Role.OPERATOR,
    "list_webhooks": Role.OPERATOR,
    "get_webhook": Role.OPERATOR,
    "delete_webhook": Role.OPERATOR,
    "rotate_webhook_secret": Role.OPERATOR,
    "pause_webhook": Role.OPERATOR,
    "resume_webhook": Role.OPERATOR,
    "list_webhook_deliveries": Role.OPERATOR,
    "replay_webhook_deliveries": Role.OPERATOR,
    "create_credential": Role.ADMIN,
    "disable_staff": Role.ADMIN,
    "invite_staff": Role.ADMIN,
    "invite_staff_again": Role.ADMIN,
    "list_credentials": Role.ADMIN,
    "list_staff": Role.ADMIN,
    "revoke_credential": Role.ADMIN,
    "rotate_credential": Role.ADMIN,
    "list_audit_entries": Role.AUDITOR,
    "create_audit_export": Role.AUDITOR,
    "get_audit_export": Role.AUDITOR,
    "get_processing_record": Role.AUDITOR,
    "list_requests": Role.PRIVACY_OFFICER,
    "get_request": Role.PRIVACY_OFFICER,
    "get_request_words": Role.PRIVACY_OFFICER,
    "acknowledge_request": Role.PRIVACY_OFFICER,
    "accept_request": Role.PRIVACY_OFFICER,
    "deny_request": Role.PRIVACY_OFFICER,
    "extend_request": Role.PRIVACY_OFFICER,
    "pause_request": Role.PRIVACY_OFFICER,
    "resume_request": Role.PRIVACY_OFFICER,
    "approve_request": Role.PRIVACY_OFFICER,
    "assign_request": Role.PRIVACY_OFFICER,
    "complete_request": Role.PRIVACY_OFFICER,
    "settle_complaint": Role.PRIVACY_OFFICER,
    "get_request_statistics": Role.PRIVACY_OFFICER,
    "make_retention_plan": Role.PRIVACY_OFFICER,
    "list_retention_plans": Role.PRIVACY_OFFICER,
    "get_retention_plan": Role.PRIVACY_OFFICER,
    "list_retention_items": Role.PRIVACY_OFFICER,
    "start_retention_run": Role.PRIVACY_OFFICER,
    "list_retention_runs": Role.PRIVACY_OFFICER,
    "get_retention_run": Role.PRIVACY_OFFICER,
    "get_retention_policy": Role.PRIVACY_OFFICER,
    "list_retention_alerts": Role.PRIVACY_OFFICER,
    "list_retention_counts": Role.PRIVACY_OFFICER,
}
"""Who may call what; everything else is a service's."""


def test_the_document_is_openapi_with_unique_operation_ids_and_a_page_for_every_problem(sqlite_api: Api) -> None:
    document: Any = sqlite_api.call("GET", "/openapi.json", credential=None).json
    assert document["openapi"].startswith("3.1")
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))
    page = sqlite_api.moat.app.test_client().get("/docs")
    assert page.status_code == 200
    assert all(one in page.get_data(as_text=True) for one in ids)


def test_roles_here_name_operations_of_the_document(sqlite_api: Api, tmp_path: Path) -> None:
    document: Any = sqlite_api.call("GET", "/openapi.json", credential=None).json
    ids = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    assert set(ROLES) <= ids
