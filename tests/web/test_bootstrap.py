"""The credential file of a first start, and the directories."""

from pathlib import Path

import click
import pytest

from tests.conftest import BOTH
from tests.web.house import House, bearer
from web.bootstrap import keep_bootstrap_file, remove_bootstrap_file
from web.directories import make_private, only_one
from web.principal import Role


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def keep(house: House, file: Path) -> bool:
    return keep_bootstrap_file(file, house.desk, 1, house.occasion())


def test_a_first_start_leaves_a_credential_that_only_its_owner_reads(house: House, tmp_path: Path) -> None:
    file = tmp_path / "credential"
    assert keep(house, file)
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text().strip()
    made = house.client.post("/v1/credentials", json={"name": "a", "role": "service"}, headers=bearer(text))
    assert made.status_code == 201


def test_a_second_start_keeps_the_file_while_it_works(house: House, tmp_path: Path) -> None:
    file = tmp_path / "credential"
    keep(house, file)
    before = file.read_text()
    assert keep(house, file)
    assert file.read_text() == before


@pytest.mark.parametrize("lost", ["missing", "expired", "damaged"])
def test_a_start_without_an_administrator_replaces_a_file_that_does_not_work(
    house: House, tmp_path: Path, lost: str
) -> None:
    file = tmp_path / "credential"
    keep(house, file)
    before = file.read_text().strip()
    if lost == "missing":
        file.unlink()
    elif lost == "expired":
        house.clock.advance(hours=24)
    else:
        file.write_text("moat_é")
    assert keep(house, file)
    assert house.client.get("/v1/whoami", headers=bearer(file.read_text().strip())).status_code == 200
    assert house.client.get("/v1/whoami", headers=bearer(before)).status_code == 401


def test_with_an_administrator_the_file_goes(house: House, tmp_path: Path) -> None:
    file = tmp_path / "credential"
    keep(house, file)
    house.credential(Role.ADMIN)
    assert not keep(house, file)
    assert not file.exists()
    remove_bootstrap_file(file)


def test_a_test_administrator_is_none(house: House, tmp_path: Path) -> None:
    house.credential(Role.ADMIN, test=True)
    assert keep(house, tmp_path / "credential")


def test_a_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    make_private(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    make_private(tmp_path / "a" / "b")


def test_a_directory_that_others_may_enter_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(click.ClickException, match="chmod 700"):
        make_private(tmp_path / "open")
    (tmp_path / "file").touch()
    with pytest.raises(click.ClickException, match="cannot make"):
        make_private(tmp_path / "file")


def test_a_data_directory_is_served_once(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(click.ClickException, match="another moat serve"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass
