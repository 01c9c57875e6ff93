"""What destroys, shows a value plain or lets the log out is done by somebody who has shown within five minutes who they are."""

import pytest

from tests.pages.consoles.conftest import Office
from tests.pages.staff_house import ORIGIN, Member
from web.principal import Role

NUMBER = "01a2041d-b2c1-72b3-83e7-81b612ba9070"
ASKED_ANEW = [
    (Role.PRIVACY_OFFICER, f"/console/requests/{NUMBER}/approve", "/console/requests"),
    (Role.PRIVACY_OFFICER, "/console/holds/1/release", "/console/holds"),
    (Role.PRIVACY_OFFICER, f"/console/jobs/{NUMBER}/approve", "/console/jobs"),
    (Role.PRIVACY_OFFICER, "/console/people/plain", "/console/people"),
    (Role.PRIVACY_OFFICER, f"/console/retention/plans/{NUMBER}/run", "/console/retention"),
    (Role.OPERATOR, "/console/keys/rotate", "/console/keys"),
    (Role.OPERATOR, "/console/keys/kek/1/destroy", "/console/keys"),
    (Role.AUDITOR, "/auditor/exports", "/auditor/exports"),
]


@pytest.fixture(scope="module")
def members(office: Office) -> dict[Role, Member]:
    """Staff who came in six minutes ago."""
    found = {role: office.staff(f"a.{role.value}", role) for role in {role for role, _, _ in ASKED_ANEW}}
    office.api.clock.advance(minutes=6)
    return found


@pytest.mark.parametrize(("role", "path", "page"), ASKED_ANEW, ids=[path for _, path, _ in ASKED_ANEW])
def test_they_are_asked_anew(members: dict[Role, Member], role: Role, path: str, page: str) -> None:
    member = members[role]
    token = member.token("/staff/sessions")
    answer = member.client.post(path, base_url=ORIGIN, data={"form_token": token, "back": page})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/staff/again?next={page}"
