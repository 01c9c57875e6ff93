"""One link, one whole copy, for one person, for seven days: whatever breaks off, runs beside, or comes too late."""

from dataclasses import replace

import pytest

from database.statement import Statement
from dsar.disclosure.errors import LogBehindError, NotAskedError, PackageNotFoundError
from dsar.disclosure.fetching import OPENED_AT_MOST, PIECE_BYTES
from dsar.disclosure.keeping import PackageErasure
from dsar.disclosure.stored import EXPIRES_MS, PackageState, Stored
from dsar.request import Level, RequestState
from dsar.right import Right
from tests.dsar.disclosure.office import Office
from tests.dsar.disclosure.stand_ins import SUBJECT, TENANT, FakeHolder
from tests.support.vault import OTHER_TENANT

_ROWS = Statement("SELECT id FROM package WHERE tenant = :tenant")


@pytest.fixture
def large(office: Office) -> Stored:
    """A package of several pieces."""
    values = [{"text": f"{number:032x}" * 40 + str(hash(str(number)))} for number in range(3_000)]
    office.holders = [FakeHolder("big", lambda: (("order", one) for one in values))]
    package = office.made()
    assert package.size is not None
    assert package.size > PIECE_BYTES
    return package


def test_a_link_gives_one_whole_copy(office: Office, large: Stored) -> None:
    link = office.link(large)
    download = office.fetching.opened(link, office.visitor(), office.by())
    octets = b"".join(download.pieces)
    assert octets == office.shelf.path(large.id).read_bytes()
    with pytest.raises(PackageNotFoundError):
        office.fetching.opened(link, office.visitor(), office.by())
    assert office.keeping.look(TENANT, large.request, office.by()).downloads == 1


def test_of_two_downloads_at_a_time_one_is_cut_off_before_its_end(office: Office, large: Stored) -> None:
    link = office.link(large)
    first, second = (office.fetching.opened(link, office.visitor(), office.by()) for _ in range(2))
    begun = [next(first.pieces)]
    whole = b"".join(second.pieces)
    with pytest.raises(PackageNotFoundError):
        begun.extend(first.pieces)
    assert len(whole) == large.size
    assert len(b"".join(begun)) < len(whole)
    assert office.keeping.look(TENANT, large.request, office.by()).downloads == 1


def test_a_download_that_broke_off_goes_on_where_it_stopped(office: Office, large: Stored) -> None:
    link = office.link(large)
    head = next(office.fetching.opened(link, office.visitor(), office.by()).pieces)
    rest = office.fetching.opened(link, office.visitor(), office.by(), start=len(head))
    assert head + b"".join(rest.pieces) == office.shelf.path(large.id).read_bytes()
    assert rest.start == len(head)


def test_a_download_begins_a_few_times_only_and_not_beyond_the_end(office: Office, large: Stored) -> None:
    link = office.link(large)
    assert large.size is not None
    with pytest.raises(PackageNotFoundError):
        office.fetching.opened(link, office.visitor(), office.by(), start=large.size)
    for _ in range(OPENED_AT_MOST):
        next(office.fetching.opened(link, office.visitor(), office.by()).pieces)
    with pytest.raises(PackageNotFoundError):
        office.fetching.opened(link, office.visitor(), office.by())


@pytest.mark.parametrize(
    "changes",
    [{"subject": SUBJECT + 1}, {"tenant": OTHER_TENANT}, {"level": Level.CHANNEL}, {"level": Level.NONE}],
)
def test_a_link_opens_nothing_for_anybody_else(office: Office, changes: dict[str, int]) -> None:
    package = office.made()
    link, visitor = office.link(package), office.visitor(**changes)
    for attempt in (
        lambda: office.fetching.opened(link, visitor, office.by()),
        lambda: office.fetching.told(link, visitor, office.by()),
        lambda: office.fetching.linked(visitor, package.request, office.by()),
    ):
        with pytest.raises(PackageNotFoundError):
            attempt()
    assert office.fetching.opened(link, office.visitor(), office.by()).size == package.size


def test_an_explanation_takes_no_second_factor(office: Office) -> None:
    package, visitor = office.made(Right.EXPLANATION), office.visitor(level=Level.CHANNEL)
    link = office.fetching.linked(visitor, package.request, office.by()).text
    assert office.fetching.told(link, visitor, office.by())


def test_a_package_is_gone_after_seven_days_and_so_is_its_file(office: Office) -> None:
    package = office.made()
    link = office.link(package)
    office.clock.advance(milliseconds=EXPIRES_MS)
    with pytest.raises(PackageNotFoundError):
        office.fetching.opened(link, office.visitor(), office.by())
    at = office.by().at
    assert office.keeping.end_due(at) == 1
    assert office.keeping.sweep(at) == 1
    assert list(office.shelf.root.iterdir()) == []
    found = office.keeping.look(TENANT, package.request, office.by())
    assert (found.state, found.secret, found.digest) == (PackageState.EXPIRED, None, package.digest)


def test_an_erasure_takes_rows_and_the_next_sweep_the_file(office: Office) -> None:
    package, other = office.made(), office.made(subject=SUBJECT + 1)
    office.link(package)
    office.database.write(TENANT, lambda tx: PackageErasure().erased(tx, TENANT, SUBJECT, 0))
    (office.shelf.root / f".{package.id}.partial").write_bytes(b"what a kill left")
    assert office.keeping.sweep(0) == 2
    assert [path.name for path in office.shelf.root.iterdir()] == [f"{other.id}.age"]
    for again in range(2):
        office.database.write(TENANT, lambda tx: PackageErasure().erased(tx, TENANT, SUBJECT, again))  # noqa: B023 - at once


def test_a_request_that_ended_otherwise_takes_its_package_along(office: Office) -> None:
    request = office.request()
    office.proofs.behind = True
    with pytest.raises(LogBehindError):
        office.maker.make(TENANT, request.id)
    assert office.keeping.end_due(office.by().at) == 0
    office.desk.requests[request.id] = replace(request, state=RequestState.WITHDRAWN)
    assert office.keeping.end_due(office.by().at) == 1
    assert office.keeping.look(TENANT, request.id, office.by()).state is PackageState.WITHDRAWN


def test_a_file_on_another_host_is_not_found_here(office: Office) -> None:
    package = office.made()
    link = office.link(package)
    office.shelf.path(package.id).unlink()
    with pytest.raises(PackageNotFoundError):
        office.fetching.opened(link, office.visitor(), office.by())


def test_nothing_is_made_again_that_was_not_completed_by_a_package(office: Office) -> None:
    request = office.request()
    with pytest.raises(NotAskedError):
        office.keeping.make_again(TENANT, request.id, office.by())


def test_rows_go_after_three_years(office: Office) -> None:
    package = office.made()
    for days, remain in ((8, 1), (4 * 365, 0)):
        office.clock.advance(days=days)
        office.keeping.end_due(office.by().at)
        rows = office.database.read(TENANT, lambda tx: tx.all(_ROWS, tenant=TENANT))
        assert rows == [(package.id.bytes,)][:remain]
