"""Making a package, whatever happens on the way: killed, kept waiting, or left without its person; and nothing readable
anywhere."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from database.engine import Database
from dsar.disclosure.errors import LogBehindError
from dsar.disclosure.jobs import PREPARE, PrepareTask
from dsar.disclosure.keeping import PackageErasure
from dsar.disclosure.stored import PackageState
from dsar.holders.errors import HolderAwayError, HolderRefusedError
from dsar.request import RequestState
from dsar.right import Requester, Right
from tests.dsar.disclosure.office import Office
from tests.dsar.disclosure.stand_ins import SUBJECT, TENANT, FakeHolder
from tests.support.clock import Clock
from tests.support.vault import Gates, Vault
from vault.tenant_seal import TenantSeal

CANARY = "canary-9b2c-13987654321"


def orders(count: int = 3, *, then: Callable[[], object] = lambda: None) -> FakeHolder:
    def pieces() -> Iterator[tuple[str, dict[str, object]]]:
        for number in range(count):
            yield "order", {"number": number, "text": CANARY * 20}
        then()

    return FakeHolder("orders", pieces)


def files_with_canary(place: Path) -> list[str]:
    """Files that hold the canary in the clear, under any name."""
    return [str(one) for one in sorted(place.rglob("*")) if one.is_file() and CANARY.encode() in one.read_bytes()]


def open_files_with_canary() -> list[str]:
    """The same for files of this process that have no name."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        try:
            if "(deleted)" in str(one.readlink()):
                found += [str(one)] if CANARY.encode() in one.read_bytes() else []
        except OSError:
            continue
    return found


def test_nothing_readable_is_on_the_disk_at_any_time(office: Office, tmp_path: Path) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.extend(files_with_canary(tmp_path) + open_files_with_canary())

    office.holders = [orders(8_000, then=look)]
    of = office.proofs.of
    office.proofs.of = lambda tenant, act: (look(), of(tenant, act))[1]  # type: ignore[method-assign, func-returns-value]
    package = office.made()
    look()
    assert seen == []
    assert office.shelf.path(package.id).stat().st_mode & 0o777 == 0o600
    assert office.shelf.root.stat().st_mode & 0o777 == 0o700
    assert CANARY in office.opened(package).read("data/orders.csv").decode()


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _in_the_middle_of_a_holder(office: Office) -> None:
    office.holders = [orders(5_000, then=die)]


def _before_the_archive_ends(office: Office) -> None:
    office.proofs.of = lambda tenant, act: die()  # type: ignore[method-assign]


def _before_the_commit(office: Office) -> None:
    office.desk.completed = lambda tx, request, at: die()  # type: ignore[method-assign]


@pytest.mark.parametrize("kill", [_in_the_middle_of_a_holder, _before_the_archive_ends, _before_the_commit])
def test_killed_anywhere_it_ends_as_one_package(
    kill: Callable[[Office], None], office: Office, database_url: str, tmp_path: Path, clock: Clock
) -> None:
    office.holders = [orders()]
    request = office.request()
    child = os.fork()
    if child == 0:
        _killed(kill, office, database_url, tmp_path, clock)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert files_with_canary(tmp_path) == []
    assert office.run(office.task(), request) == 2
    office.keeping.sweep(0)
    package = office.keeping.look(TENANT, request.id, office.by())
    assert [path.name for path in office.shelf.root.iterdir()] == [f"{package.id}.age"]
    assert package.state is PackageState.READY
    assert office.desk.completions == [request.id]
    assert len(office.outbox.sent) == 1
    assert "data/orders.json" in office.opened(package).namelist()


def _killed(kill: Callable[[Office], None], office: Office, url: str, place: Path, clock: Clock) -> NoReturn:
    """Another process, with connections of its own, that dies on the way."""
    try:
        database = Database(url)
        vault = Vault(database, place / "keys", clock, Gates())
        other = Office(database, TenantSeal(database, vault.roots, vault.keyring), clock, place)
        other.desk.requests, other.holders = office.desk.requests, office.holders
        kill(other)
        other.run(other.task(), next(iter(office.desk.requests.values())))
    finally:
        os._exit(70)


def test_a_repeated_step_makes_nothing_twice(office: Office) -> None:
    request, task = office.request(), office.task()
    first = office.maker.make(TENANT, request.id)
    again = office.maker.make(TENANT, request.id)
    assert first is not None
    assert first == again
    assert task.step(office.job(task.kind, request), 0).done == 1
    assert office.desk.completions == [request.id]


def test_a_log_that_does_not_publish_keeps_the_package_unmade(office: Office) -> None:
    request = office.request()
    office.proofs.behind = True
    with pytest.raises(LogBehindError):
        office.maker.make(TENANT, request.id)
    assert list(office.shelf.root.iterdir()) == []
    assert office.desk.completions == []
    office.proofs.behind = False
    assert office.maker.make(TENANT, request.id) is not None


def test_a_holder_that_is_away_is_asked_again_when_it_said(office: Office) -> None:
    request, task = office.request(), office.task()
    holder = orders()
    office.holders = [holder]
    holder.away = HolderAwayError(office.by().at + 90_000)
    waits = task.step(office.job(task.kind, request), 0)
    assert (waits.finished, waits.wait_seconds, waits.done) == (False, 90.0, 0)
    holder.away = HolderRefusedError("broken")
    with pytest.raises(HolderRefusedError):
        task.step(office.job(task.kind, request), 1)
    holder.away = None
    assert office.run(task, request) == 2


def test_a_person_who_is_erased_meanwhile_gets_no_package(office: Office) -> None:
    def erase() -> None:
        office.database.write(TENANT, lambda tx: PackageErasure().erased(tx, TENANT, SUBJECT, 0))

    office.holders = [orders(then=erase)]
    request = office.request()
    assert office.run(office.task(), request) == 1
    assert list(office.shelf.root.iterdir()) == []
    assert office.desk.completions == []
    office.gone = True
    assert office.maker.make(TENANT, office.request().id) is None


def test_a_request_that_ended_meanwhile_gets_no_package(office: Office) -> None:
    request = office.request()

    def withdraw() -> None:
        office.desk.requests[request.id] = replace(request, state=RequestState.WITHDRAWN)

    office.holders = [orders(then=withdraw)]
    assert office.maker.make(TENANT, request.id) is None
    assert list(office.shelf.root.iterdir()) == []
    assert office.keeping.look(TENANT, request.id, office.by()).state is PackageState.WITHDRAWN
    assert office.maker.make(TENANT, request.id) is None


@pytest.mark.parametrize(
    ("requester", "state"), [(Requester.SELF, RequestState.EXECUTING), (Requester.GUARDIAN, RequestState.REVIEW)]
)
def test_what_is_asked_for_somebody_else_is_looked_at_by_a_second_person(
    office: Office, requester: Requester, state: RequestState
) -> None:
    request = office.request(state=RequestState.ACCEPTED, requester=requester)
    task = PrepareTask(Right.ACCESS, office.database, office.clock, desk=office.desk, holders=office)
    job = office.job(PREPARE + "access", request)
    holder = orders()
    office.holders = [holder]
    holder.away = HolderAwayError(office.by().at)
    assert not task.step(job, 0).finished
    assert office.desk.requests[request.id].state is RequestState.ACCEPTED
    holder.away = None
    for _ in range(2):
        assert task.step(job, 1).finished
    assert office.desk.requests[request.id].state is state
