"""A database that was put back from a copy of before an erasure: the erasure ends again, and certifies the same destruction."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from app import compose
from settings import SQLITE_FILE, Settings
from tests.api.conftest import composed
from tests.dsar.erasure.office import Office
from tests.support import postgres


def erase_put_back_and_erase_again(office: Office, put_back: "PutBack") -> None:
    number = office.person("somebody-erased")
    office.beside.hold(number, ("visit", "account", ""), 3, since=1_000)
    request = office.ask(number)
    office.work()
    office.approve(request)
    office.api.moat.close()
    put_back.keep(office)
    office.work()
    first = office.facts(request)
    assert (office.state(request), first["outcome"]) == ("completed", "erased")
    office.api.moat.close()
    put_back.restore(office)
    assert (office.state(request), office.shredded(number)) == ("executing", True)
    office.work()
    again = office.facts(request)
    assert (office.state(request), again["outcome"], again["key"]) == ("completed", "erased", first["key"])
    asked = [key for act, key in office.beside.asked if act == "dispose"]
    assert asked == ["dispose-1", "dispose-1"]
    office.api.moat.close()


class PutBack:
    """Copies a database, and opens the deployment over it."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def keep(self, office: Office) -> None:
        """Copy the closed database, and go on with the original."""
        shutil.copy(self.place / "data" / SQLITE_FILE, self.place / "copy.db")
        self.opened(office, None)

    def restore(self, office: Office) -> None:
        """Put the copy in the place of the original."""
        for file in (self.place / "data").glob(f"{SQLITE_FILE}*"):
            file.unlink()
        shutil.copy(self.place / "copy.db", self.place / "data" / SQLITE_FILE)
        self.opened(office, None)

    def opened(self, office: Office, url: SecretStr | None) -> None:
        chosen = Settings(data=self.place / "data", keys=self.place / "keys", database=url, failure_rate=0.0)
        office.api.moat = compose(chosen, now=office.api.clock)
        office.attach()


class PostgresPutBack(PutBack):
    """The same with a copy that the server makes."""

    def __init__(self, place: Path, cluster: postgres.Cluster, first: str, copies: list[str]) -> None:
        super().__init__(place)
        self.cluster, self.first, self.copies = cluster, first, copies

    def keep(self, office: Office) -> None:
        self.held = self.cluster.fresh(self.first)
        self.copies.append(self.held.__enter__())
        self.opened(office, SecretStr(self.cluster.url(self.first)))

    def restore(self, office: Office) -> None:
        self.opened(office, SecretStr(self.cluster.url(self.copies[0])))


def test_an_erasure_ends_again_after_its_database_was_put_back(tmp_path: Path) -> None:
    with composed(tmp_path, None) as api:
        erase_put_back_and_erase_again(Office(api, tmp_path, None), PutBack(tmp_path))


@pytest.mark.postgres
def test_so_it_does_on_postgresql(tmp_path: Path, cluster: postgres.Cluster) -> None:
    with cluster.fresh() as first:
        url = SecretStr(cluster.url(first))
        put_back = PostgresPutBack(tmp_path, cluster, first, [])
        with composed(tmp_path, url) as api:
            erase_put_back_and_erase_again(Office(api, tmp_path, url), put_back)
        put_back.held.__exit__(None, None, None)
