"""A person's data over HTTP: asked for, made by jobs, fetched by the person alone, once; officers look at it from outside."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from pyrage import decrypt, passphrase
from pyrage.x25519 import Identity

from audit.checkpoint import VerifierKey
from commands.program import main
from database.columns import metadata
from database.statement import Statement
from database.transaction import Transaction
from tests.conftest import BOTH
from tests.dsar.identity.centre import Centre, Someone, centre_at
from web.principal import Role
from work.desk import move
from work.job import JobState

MANY = 100
PUBLISHED_WITHIN_SECONDS = 60


@pytest.fixture(scope="module", params=BOTH)
def centre(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A deployment that publishes its log, on each database."""
    with ExitStack() as held:
        url = None
        if request.param == "postgresql":
            cluster = request.getfixturevalue("cluster")
            url = SecretStr(cluster.url(held.enter_context(cluster.fresh())))
        place = tmp_path_factory.mktemp("centre")
        opened = held.enter_context(centre_at(place, url, privacy_url="https://privacy.example.com"))
        opened.place = place  # type: ignore[attr-defined]  # for the commands
        opened.moat.publishing.start()
        yield opened


def carry(centre: Centre) -> None:
    """Carry out every job of disclosure that waits, every step as often as it says."""
    tasks = {
        task.kind: task
        for task in centre.moat.work.tasks
        if task.kind.startswith(("dsar_prepare", "dsar_exec", "dsar_make"))
    }
    while jobs := [
        job
        for job in centre.moat.jobs.page(centre.tenant, before=None, limit=MANY, kind=None, state=JobState.QUEUED)
        if job.kind in tasks
    ]:
        for job in jobs:
            number, done = 0, 0
            while True:
                progress = tasks[job.kind].step(replace(job, done=done, step=number), number)
                number, done = number + 1, progress.done
                if progress.finished:
                    break
            centre.moat.database.write(centre.tenant, partial(move, job=job, state=JobState.DONE, at=0))


def sure(centre: Centre, who: Someone) -> str:
    """A session with two factors."""
    return centre.session(who, "phone", "email")


def asked(centre: Centre, session: str, right: str = "access", **more: Any) -> str:
    """A request that has been carried out as far as it goes by itself."""
    body = {"right": right, "regime": "pipl", "locale": "en", **more}
    answer = centre.privacy("POST", "requests", body, bearer=session)
    assert answer.status_code == 201, answer.text
    request = str(answer.json["request"])  # type: ignore[index]  # an object
    carry(centre)
    return request


def linked(centre: Centre, session: str, request: str) -> str:
    """The path of a new link, below /v1/privacy/default."""
    answer = centre.privacy("POST", f"requests/{request}/package", bearer=session)
    assert answer.status_code == 201, answer.text
    return str(answer.json["url"]).removeprefix("https://privacy.example.com/v1/privacy/default/")  # type: ignore[index]


def test_a_person_asks_gets_their_data_once_and_anybody_can_check_them(centre: Centre, tmp_path: Path) -> None:
    who = centre.person()
    session = sure(centre, who)
    until = monotonic() + PUBLISHED_WITHIN_SECONDS
    while not centre.ok("GET", f"/v1/subjects/{who.account}/access-log", bearer=centre.officer)["items"]:
        assert monotonic() < until, "the log is not published"
        sleep(0.05)
    request = asked(centre, session)
    link = linked(centre, session, request)
    told = centre.privacy("POST", f"{link}/passphrase", bearer=session)
    sealed = centre.privacy("GET", link, bearer=session)
    assert sealed.status_code == 200
    assert sealed.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(r'attachment; filename="[0-9a-f-]{36}\.zip\.age"', sealed.headers["Content-Disposition"])
    octets = passphrase.decrypt(sealed.data, told.json["passphrase"])  # type: ignore[index]  # an object
    archive = zipfile.ZipFile(io.BytesIO(octets))
    records = orjson.loads(archive.read("data/phone.json"))["records"]
    assert who.fields["phone"] in records[0]["value"]
    assert "consents.json" not in archive.namelist()
    assert "stored or changed your data" in archive.read("access_log.csv").decode()
    officer = centre.ok("GET", f"/v1/requests/{request}/package", bearer=centre.officer)
    assert (officer["state"], officer["downloads"], officer["size"]) == ("ready", 1, len(sealed.data))
    assert who.fields["phone"].encode() not in orjson.dumps(officer)
    for gone in (
        centre.privacy("GET", link, bearer=session),
        centre.privacy("POST", f"{link}/passphrase", bearer=session),
    ):
        assert gone.json["code"] == "not_found"  # type: ignore[index]  # an object
    _checks(centre, octets, tmp_path)


def _checks(centre: Centre, octets: bytes, tmp_path: Path) -> None:
    """The command accepts the package, and not one of which an octet was changed."""
    file = tmp_path / "package.zip"
    file.write_bytes(octets)
    where = ["--data", f"{centre.place}/data", "--keys", f"{centre.place}/keys"]  # type: ignore[attr-defined]
    url = centre.moat.database.engine.url
    if url.get_backend_name() == "postgresql":
        where += ["--database", url.set(drivername="postgresql").render_as_string(hide_password=False)]
    runner = CliRunner()
    vkey = runner.invoke(main, ["dsar", "package-keys", *where]).output.split()[0]
    log_vkey = runner.invoke(main, ["audit", "key", *where]).output
    (found,) = [word for word in log_vkey.split() if "+" in word and "/export" not in word][:1]
    assert VerifierKey.parse(vkey).name == "localhost/moat/disclosure"
    keys = ["--vkey", vkey, "--log-vkey", found]
    checked = runner.invoke(main, ["dsar", "check-package", str(file), *keys])
    assert checked.exit_code == 0, checked.output
    assert checked.output.startswith("verified: localhost/moat made this package on ")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("data/further.json", b"forged")
    assert runner.invoke(main, ["dsar", "check-package", str(file), *keys]).exit_code == 1


def test_nobody_else_gets_a_package_and_nobody_learns_why(centre: Centre) -> None:
    who, other = centre.person(), centre.person()
    weak, strange = centre.session(who, "phone"), sure(centre, other)
    centre.clock.advance(minutes=2)
    session = sure(centre, who)
    request = asked(centre, session)
    links = [linked(centre, session, request), linked(centre, session, request)]
    used = links[1]
    never = "packages/mpk1_" + "A" * 43
    refusals = [
        centre.privacy("GET", links[0], bearer=session),
        centre.privacy("GET", used, bearer=weak),
        centre.privacy("GET", used, bearer=strange),
        centre.privacy("GET", never, bearer=session),
        centre.privacy("GET", "packages/x", bearer=session),
        centre.privacy("POST", f"{used}/passphrase", bearer=strange),
        centre.privacy("POST", f"{used}/passphrase", bearer=weak),
        centre.privacy("POST", f"requests/{request}/package", bearer=strange),
        centre.privacy("POST", f"requests/{request}/package", bearer=weak),
        centre.privacy("POST", "requests/01a19b45-b800-7cd7-9537-e118f44fe109/package", bearer=session),
    ]
    assert {(one.status_code, one.json["code"], one.json["title"]) for one in refusals} == {  # type: ignore[index]
        (404, "not_found", "There is no such thing here")
    }
    for bearer in (None, centre.service, "mps1_" + "A" * 43):
        assert centre.privacy("GET", used, bearer=bearer).json["code"] == "no_session"  # type: ignore[index]
    assert centre.privacy("GET", used, bearer=session, tenant="other").json["code"] == "no_session"  # type: ignore[index]
    assert centre.privacy("GET", used, bearer=session).status_code == 200


def test_a_key_of_the_persons_own_needs_no_passphrase(centre: Centre) -> None:
    who, identity = centre.person(), Identity.generate()
    session = sure(centre, who)
    body = {"right": "explanation", "regime": "pipl"}
    request = centre.privacy("POST", "requests", body, bearer=session).json["request"]  # type: ignore[index]
    choice = {"recipient": str(identity.to_public())}
    assert centre.privacy("PUT", f"requests/{request}/package/choice", choice, bearer=session).status_code == 204
    carry(centre)
    link = linked(centre, session, request)
    assert centre.privacy("POST", f"{link}/passphrase", bearer=session).status_code == 404
    archive = zipfile.ZipFile(io.BytesIO(decrypt(centre.privacy("GET", link, bearer=session).data, [identity])))
    assert "index.html" in archive.namelist()
    late = centre.privacy("PUT", f"requests/{request}/package/choice", choice, bearer=session)
    assert late.json["code"] == "package_not_asked"  # type: ignore[index]
    assert choice["recipient"].encode() not in _rows(centre)


def test_the_person_gets_a_message_without_data_and_another_link_voids_it(centre: Centre) -> None:
    who = centre.person()
    session = sure(centre, who)
    request = asked(centre, session)
    message = centre.sent()[-1]
    assert message["template"] == "package_ready"
    for value in who.fields.values():
        assert value not in message["text"]
    found = re.search(
        r"https://privacy\.example\.com/privacy/default/(packages/mpk1_[A-Za-z0-9_-]{43})", message["text"]
    )
    assert found is not None
    path = f"/v1/requests/{request}/package/link"
    assert centre.ok("POST", path, bearer=centre.officer) == {"sent_by": "sms"}
    assert centre.privacy("GET", found[1], bearer=session).status_code == 404


def test_a_package_is_made_again_once_for_a_repeated_call_with_another_passphrase(centre: Centre) -> None:
    who = centre.person()
    session = sure(centre, who)
    request = asked(centre, session)
    path, key = f"/v1/requests/{request}/package", {"Idempotency-Key": request}
    first = centre.ok("GET", path, bearer=centre.officer)
    jobs = [centre.ok("POST", path, bearer=centre.officer, headers=key)["job"] for _ in range(2)]
    assert jobs[0] == jobs[1]
    carry(centre)
    second = centre.ok("GET", path, bearer=centre.officer)
    assert second["state"] == "ready"
    assert first["package"] != second["package"]
    assert first["sha256"] != second["sha256"]


def test_who_asks_for_somebody_else_gets_a_file_that_only_they_can_open(centre: Centre) -> None:
    who, identity = centre.person(), Identity.generate()
    own = asked(centre, sure(centre, centre.person()))
    refused = centre.call("GET", f"/v1/requests/{own}/package/file", bearer=centre.officer)
    assert refused.json["code"] == "package_not_asked"  # type: ignore[index]  # an object
    body = {"subject": who.account, "right": "access", "regime": "pipl", "requester": "guardian"}
    request = centre.ok("POST", "/v1/requests", body, bearer=centre.service)["request"]
    one = f"/v1/requests/{request}"
    choice = {"recipient": str(identity.to_public())}
    centre.call("PUT", f"{one}/package/choice", choice, bearer=centre.service)
    for proof, document in (("identity", "id_card"), ("relation", "household_register")):
        seen = {"method": "document", "proof": proof, "document": document}
        centre.ok("POST", f"{one}/verify", seen, bearer=centre.officer)
    carry(centre)
    assert centre.ok("GET", one, bearer=centre.officer)["state"] == "review"
    centre.ok("POST", f"{one}/approve", {}, bearer=centre.credential(Role.PRIVACY_OFFICER))
    carry(centre)
    assert not [one for one in centre.sent() if request in one["text"] and one["template"] == "package_ready"]
    sealed = centre.call("GET", f"{one}/package/file", bearer=centre.officer)
    assert sealed.headers["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(decrypt(sealed.data, [identity])))
    sealed.close()
    assert who.fields["phone"] in archive.read("data/phone.json").decode()
    assert centre.call("GET", f"{one}/package/file", bearer=centre.service).status_code == 403


def test_an_erased_person_has_no_package_any_more(centre: Centre) -> None:
    who = centre.person()
    session = sure(centre, who)
    request = asked(centre, session)
    link = linked(centre, session, request)
    centre.moat.sweeper.sweep()
    before = _files(centre)
    centre.ok("POST", f"/v1/subjects/{who.account}/shred", {"reason": "erasure_request"}, bearer=centre.officer)
    assert centre.privacy("GET", link, bearer=session).status_code in {401, 404}
    gone = centre.call("GET", f"/v1/requests/{request}/package", bearer=centre.officer)
    assert gone.json["code"] == "package_not_made"  # type: ignore[index]  # an object
    centre.moat.sweeper.sweep()
    assert len(before - _files(centre)) == 1


def _files(centre: Centre) -> set[str]:
    return {path.name for path in (centre.place / "data" / "packages").iterdir()}  # type: ignore[attr-defined]


def test_who_may_look_is_who_has_the_scope(centre: Centre) -> None:
    path = "/v1/requests/01a19b45-b800-7cd7-9537-e118f44fe109/package"
    assert centre.call("GET", path, bearer=centre.service).status_code == 403
    assert centre.call("GET", path, bearer=centre.officer).status_code == 404
    assert centre.call("POST", path, bearer=centre.service).status_code == 403


def _rows(centre: Centre) -> bytes:
    found = []
    for name in sorted(metadata.tables):
        every = Statement(f"SELECT * FROM {name}")
        for row in centre.moat.database.read(None, partial(Transaction.all, statement=every)):
            found += [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row]
    return b"\n".join(found)
