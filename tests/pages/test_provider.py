"""Staff of an organisation sign in by its identity provider: the file that declares it, what comes back, and a real one."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from audit.log import AuditLog
from database.engine import Database
from pages.staff.errors import ProviderError
from pages.staff.federating import Federating
from pages.staff.provider import ProviderFileError, read_providers
from pages.staff.provider_client import Attempt, Outsider
from tests.conftest import BOTH
from tests.pages.glewlwyd import Glewlwyd, glewlwyd, installed
from tests.pages.staff_house import ORIGIN, Member, StaffHouse, staff_house
from tests.support.clock import Clock
from web.principal import Role

BACK = "/staff/back/acme"
BEGIN = "/staff/at/default/by/acme"
FILE = """
providers:
  - id: acme
    tenant: default
    title: Acme
    issuer: {issuer}
    client_id: moat
    secret: ACME_SECRET
    roles:
      - {{group: admins, role: admin}}
      - {{group: privacy-team, role: privacy_officer}}
"""


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    """The embedded database, but where a test asks for both: here it is the provider that matters."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glewlwyd]:
    if not installed():
        pytest.fail("Glewlwyd is not installed: apt-get install -y glewlwyd", pytrace=False)
    with glewlwyd(tmp_path_factory.mktemp("glewlwyd"), ORIGIN + BACK) as running:
        running.add_user("li.na", ["privacy-team", "everybody"])
        running.add_user("wang.wei", ["everybody"])
        yield running


@pytest.fixture
def house(
    database: Database, tmp_path: Path, clock: Clock, provider: Glewlwyd, monkeypatch: pytest.MonkeyPatch
) -> StaffHouse:
    file = tmp_path / "providers.yaml"
    file.write_text(FILE.format(issuer=provider.issuer), encoding="utf-8")
    monkeypatch.setenv("ACME_SECRET", provider.secret)
    _now(clock)
    return staff_house(database, tmp_path, clock, staff_providers=file, egress_internal=(provider.url,))


def test_somebody_of_a_group_with_a_role_is_let_in_as_that(house: StaffHouse, provider: Glewlwyd) -> None:
    member = house.somebody("li.na")
    assert "Acme" in member.get("/staff/at/default").text
    assert _signed_in(member, provider).headers["Location"] == "/staff"
    assert member.inside
    assert "li.na" in member.get("/staff/sessions").text
    (entry,) = house.entries("staff.sign_in")
    assert (entry["actor"]["role"], entry["kind"], entry["outcome"]) == ("privacy_officer", "provider", "done")


@pytest.mark.parametrize("dialect", BOTH, indirect=True)
def test_a_second_sign_in_is_the_same_member_in_the_role_of_today(house: StaffHouse, provider: Glewlwyd) -> None:
    member = house.somebody("li.na")
    _signed_in(member, provider)
    provider.set_groups("li.na", ["admins"])
    try:
        other = house.somebody("li.na")
        _signed_in(other, provider)
    finally:
        provider.set_groups("li.na", ["privacy-team", "everybody"])
    (one,) = house.staff.inviting.page(house.tenant, house.occasion(), after=0, limit=10)
    assert one.role is Role.ADMIN
    assert not member.inside, "sessions in the role of before end"
    assert other.get("/staff/people").status_code == 200


def test_somebody_of_no_group_with_a_role_is_not(house: StaffHouse, provider: Glewlwyd) -> None:
    member = house.somebody("wang.wei")
    answer = _signed_in(member, provider)
    assert answer.status_code == 403
    assert not member.inside
    assert house.entries("staff.sign_in")[-1]["reason"] == "no_authority"
    assert house.staff.inviting.page(house.tenant, house.occasion(), after=0, limit=10) == []


def test_somebody_who_was_let_go_here_is_not_let_in_from_there(house: StaffHouse, provider: Glewlwyd) -> None:
    member = house.somebody("li.na")
    _signed_in(member, provider)
    house.staff.inviting.disable(house.tenant, 1, house.occasion())
    assert not member.inside
    assert _signed_in(member, provider).status_code == 403


def test_an_answer_is_of_one_browser_one_attempt_and_one_time(house: StaffHouse, provider: Glewlwyd) -> None:
    victim, thief = house.somebody("li.na"), house.somebody("thief")
    back = _back(victim, provider)
    thief.get(BEGIN)
    assert thief.get(back).status_code == 502, "the state is another browser's"
    assert house.somebody("nobody").get(back).status_code == 502, "no attempt was begun"
    victim.get(BEGIN)
    assert victim.get(back).status_code == 502, "the attempt is another one"
    again = _back(victim, provider)
    assert victim.get(again).status_code == 303
    assert victim.get(again).status_code == 502
    assert not thief.inside


@pytest.mark.parametrize("part", [1, 2, 3], ids=["state", "nonce", "verifier"])
def test_an_attempt_whose_cookie_was_changed_ends(house: StaffHouse, provider: Glewlwyd, part: int) -> None:
    member = house.somebody("li.na")
    back = _back(member, provider)
    cookie = member.client.get_cookie("__Host-moat_outside")
    assert cookie is not None
    parts = cookie.value.split(".")
    parts[part] = parts[part][::-1]
    member.client.set_cookie("__Host-moat_outside", ".".join(parts))
    assert member.get(back).status_code == 502
    assert not member.inside


def test_a_token_that_is_over_is_none(house: StaffHouse, provider: Glewlwyd) -> None:
    member = house.somebody("li.na")
    back = _back(member, provider)
    house.clock.advance(hours=2)
    assert member.get(back).status_code == 502


def test_somebody_who_is_asked_anew_signs_in_there_anew(house: StaffHouse, provider: Glewlwyd) -> None:
    member = house.somebody("li.na")
    _signed_in(member, provider)
    house.clock.advance(minutes=6)
    asked = member.get("/staff/passkeys")
    assert asked.headers["Location"] == "/staff/again?next=/staff/passkeys"
    again = re.search(r'href="(/staff/at/default/by/acme[^"]+)"', member.get(asked.headers["Location"]).text)
    assert again is not None
    away = parse_qs(urlsplit(member.get(again[1].replace("&amp;", "&")).headers["Location"]).query)
    assert (away["prompt"], away["max_age"]) == (["login"], ["0"])
    _now(house.clock)
    assert _signed_in(member, provider).status_code == 303
    assert member.get("/staff/passkeys").status_code == 200, "the provider says when they signed in there"


def test_who_comes_from_a_provider_that_says_no_time_makes_a_first_passkey_at_once_or_not_at_all(
    house: StaffHouse,
) -> None:
    (provider,) = read_providers(FILE.format(issuer="https://id.example"), lambda _: "secret")
    federating = Federating(house.database, AuditLog(), bootstrap_ended=lambda: None)
    silent = Outsider("li.na", "li.na", frozenset({"privacy-team"}), at=0)

    def comes() -> Member:
        member = house.somebody("li.na")
        text = federating.by_provider(house.tenant, provider, silent, "firefox_linux", house.occasion())
        member.client.set_cookie("__Host-moat_staff", text.reveal(), domain="localhost", secure=True)
        return member

    late = comes()
    house.clock.advance(minutes=5)
    for path in ("/staff/passkeys", "/staff/app"):
        assert late.get(path).headers["Location"] == f"/staff/again?next={path}", "too late for a first one"
    member = comes()
    assert member.get("/staff/people").status_code in {303, 403}
    assert 'href="/staff/passkeys"' in member.get("/staff/again").text
    page = "/staff/passkeys"
    assert member.post(page, page, answer=member.key.make(member.question(f"{page}/question", page))).status_code == 303
    assert member.get("/staff/app").headers["Location"].startswith("/staff/again"), "it was the first"
    assert member.again().status_code == 303
    assert member.get("/staff/app").status_code == 200
    other = comes()
    assert other.get(page).headers["Location"].startswith("/staff/again"), "whoever else comes has none to add"


def test_a_provider_that_is_away_says_so_on_a_page(
    database: Database, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "providers.yaml"
    file.write_text(FILE.format(issuer="http://localhost:9"), encoding="utf-8")
    monkeypatch.setenv("ACME_SECRET", "x")
    house = staff_house(database, tmp_path, clock, staff_providers=file, egress_internal=("http://localhost:9",))
    assert house.somebody("x").get(BEGIN).status_code == 502
    assert house.somebody("x").get("/staff/at/default/by/other").status_code == 404


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "a.b.c.d.e", "...", None])
def test_a_cookie_that_is_no_attempt_is_none(text: str | None) -> None:
    with pytest.raises(ProviderError):
        Attempt.read(text)


def test_the_first_group_with_a_role_decides() -> None:
    (read,) = read_providers(FILE.format(issuer="https://id.example"), lambda _: "secret")
    assert read.role_of(["privacy-team", "admins"]) is Role.ADMIN
    assert read.role_of(["everybody"]) is None
    assert "secret" not in repr(read)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("providers: [", "no strict YAML"),
        ("providers: [{id: acme}]", "providers.0.tenant"),
        (FILE.format(issuer="https://id.example/"), "issuer"),
        (FILE.format(issuer="https://id.example").replace("admin}", "service}"), "role"),
        (FILE.format(issuer="https://id.example") + "further: 1\n", "further"),
    ],
    ids=["no_yaml", "missing", "slash", "no_role_of_staff", "unknown"],
)
def test_a_file_that_cannot_be_used_says_where(text: str, says: str) -> None:
    with pytest.raises(ProviderFileError, match=says):
        read_providers(text, lambda _: "secret")


def test_a_secret_without_its_variable_is_refused() -> None:
    with pytest.raises(ProviderFileError, match="acme"):
        read_providers(FILE.format(issuer="https://id.example"), lambda _: None)


def _back(member: Member, provider: Glewlwyd) -> str:
    """The path that the provider sends somebody back to, after they have begun here and agreed there."""
    away = member.get(BEGIN)
    assert away.status_code == 303
    asked = parse_qs(urlsplit(away.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    with closing(provider.browser(member.name)) as there:
        query = urlencode({name: values[0] for name, values in asked.items()})
        answer = there.get(f"/api/oidc/auth?{query}&g_continue")
    parts = urlsplit(answer.headers["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == ORIGIN + BACK, parts
    return f"{parts.path}?{parts.query}"


def _signed_in(member: Member, provider: Glewlwyd) -> TestResponse:
    return member.get(_back(member, provider))


def _now(clock: Clock) -> None:
    """The provider has a clock of its own, which nobody moves."""
    clock.moment = datetime.now(UTC)
