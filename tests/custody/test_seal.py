"""The seal: keys are used while their provider was reached not long ago, and forgotten when it was not; it opens by itself."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.log import AuditLog
from database.engine import Database
from tests.support.clock import Clock
from tests.support.vault import TENANT, Gates, Vault, submitted
from vault.custody import unsealing
from vault.custody.roots import Roots
from vault.custody.seal import Seal
from vault.custody.unsealing import Unsealing
from vault.errors import KeysUnavailableError, RootKeyError
from vault.keyring import Keyring
from vault.log_key import LogKeyring
from vault.providers.file import FileKeyProvider, create_root_key

KEPT = 900.0


class Away(FileKeyProvider):
    """A provider that is away while `cause` is set."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.cause: str | None = None
        self.asked = 0

    def newest(self) -> str:
        self._answer()
        return super().newest()

    def wrap(self, root: str, keys: Any) -> list[bytes]:
        self._answer()
        return super().wrap(root, keys)

    def unwrap(self, root: str, wrapped: Any) -> list[bytes]:
        self._answer()
        return super().unwrap(root, wrapped)

    def create_root(self) -> str:
        self._answer()
        return super().create_root()

    def _answer(self) -> None:
        self.asked += 1
        if self.cause is not None:
            raise KeysUnavailableError(self.cause)


class Process:
    """A process of a deployment, with seconds that a test lets pass."""

    def __init__(self, database: Database, keys: Path, clock: Clock, minted: dict[int, int] | None = None) -> None:
        self.seconds = 0.0
        self.provider = Away(keys)
        self.seal = Seal(KEPT, lambda: self.seconds)
        self.roots = Roots(database, [self.provider], clock, self.seal)
        self.keyring = Keyring(database, self.roots, AuditLog(), clock)
        self.log_keys = LogKeyring(database, self.roots, AuditLog(), clock)
        self.told: list[str | None] = []
        self.minted = minted
        self.unsealing = Unsealing(self.roots, opened=self._renew, told=self.told.append)

    def _renew(self) -> None:
        if self.minted is not None:
            self.keyring.renew_token_keys(beyond=self.minted)

    @property
    def uses(self) -> list[Callable[[], object]]:
        return [lambda: self.keyring.of(TENANT), self.log_keys.signers, self.log_keys.publics]


@pytest.fixture
def process(database: Database, tmp_path: Path, clock: Clock) -> Process:
    return Process(database, tmp_path / "keys", clock)


@pytest.mark.parametrize("cause", ["unreachable", "sealed", "denied"])
def test_nothing_is_used_before_the_first_proof_and_the_cause_is_known(process: Process, cause: str) -> None:
    process.provider.cause = cause
    assert process.unsealing.attempt() is False
    for use in process.uses:
        with pytest.raises(KeysUnavailableError) as refused:
            use()
        assert refused.value.cause == cause
    process.provider.cause = None
    assert process.unsealing.attempt() is True
    for use in process.uses:
        use()
    assert process.told == [cause, None]


def test_what_is_in_memory_is_used_until_its_time_has_passed_and_then_forgotten(process: Process) -> None:
    process.unsealing.attempt()
    for use in process.uses:
        use()
    process.provider.cause = "unreachable"
    process.seconds = KEPT - 1
    assert process.unsealing.attempt() is False
    before = process.provider.asked
    for use in process.uses:
        use()
    assert process.provider.asked == before
    assert process.keyring._cached
    process.seconds = KEPT
    for use in process.uses:
        with pytest.raises(KeysUnavailableError):
            use()
    assert process.keyring._cached == {}
    assert process.log_keys._opened == {}
    process.provider.cause = None
    process.unsealing.attempt()
    for use in process.uses:
        use()


def test_data_keys_are_forgotten_with_the_rest(vault: Vault) -> None:
    token = vault.token()
    vault.seen(token)
    subjects = vault.means.subjects
    assert subjects._young or subjects._old
    subjects.forget_all()
    assert not subjects._young
    assert not subjects._old
    assert vault.seen(token) == ["13812345678"]


def test_each_proof_extends_the_time(process: Process) -> None:
    process.unsealing.attempt()
    for _ in range(5):
        process.seconds += KEPT - 1
        assert not process.seal.closed()
        process.unsealing.attempt()
    process.seconds += KEPT
    assert process.seal.closed()


def test_a_new_tenant_waits_for_the_provider_and_the_others_do_not(process: Process) -> None:
    process.unsealing.attempt()
    process.keyring.of(TENANT)
    process.provider.cause = "sealed"
    with pytest.raises(KeysUnavailableError) as refused:
        process.keyring.of(TENANT + 1)
    assert refused.value.cause == "sealed"
    process.keyring.of(TENANT)


def test_token_keys_are_minted_before_the_first_token_when_the_provider_was_away_at_the_start(
    database: Database, tmp_path: Path, clock: Clock
) -> None:
    before = Vault(database, tmp_path / "keys", clock, Gates())
    before.token()
    minted = before.keyring.token_versions()
    first, second = (Process(database, tmp_path / "keys", clock, minted) for _ in range(2))
    for process in (first, second):
        process.provider.cause = "unreachable"
        process.unsealing.attempt()
    for process in (first, second):
        process.provider.cause = None
        process.unsealing.attempt()
        assert process.keyring.of(TENANT).token.version == minted[TENANT] + 1
    second.unsealing.attempt()
    assert before.keyring.token_versions() == {TENANT: minted[TENANT] + 1}


def test_of_processes_that_find_a_token_key_old_at_once_one_mints(vault: Vault) -> None:
    vault.token()
    minted = vault.keyring.token_versions()
    processes = [vault.another_process() for _ in range(4)]
    for process in processes:
        process.keyring.token_versions = lambda: minted  # type: ignore[method-assign]  # all looked before any minted
    for process in processes:
        process.keyring.renew_token_keys(beyond=minted)
        assert process.keyring.of(TENANT).token.version == minted[TENANT] + 1
    assert vault.keyring.token_versions() == {TENANT: minted[TENANT] + 1}


def test_a_provider_that_comes_back_with_another_root_key_opens_nothing_and_changes_nothing(
    vault: Vault, tmp_path: Path, clock: Clock
) -> None:
    vault.token()
    before = vault.dump()
    create_root_key(tmp_path / "other")
    process = Process(vault.database, tmp_path / "other", clock, vault.keyring.token_versions())
    process.provider.cause = "unreachable"
    process.unsealing.attempt()
    process.provider.cause = None
    with pytest.raises(RootKeyError):
        process.unsealing.attempt()
    with pytest.raises(KeysUnavailableError) as refused:
        process.keyring.of(TENANT)
    assert refused.value.cause == "other_database"
    assert vault.dump() == before


def test_a_database_whose_provider_is_not_configured_is_refused_and_nothing_is_made(
    vault: Vault, tmp_path: Path, clock: Clock
) -> None:
    vault.token()
    before = vault.dump()

    class Other(Away):
        name = "transit"

    other = Other(tmp_path / "other")
    with pytest.raises(RootKeyError) as refused:
        Roots(vault.database, [other], clock).open()
    assert (refused.value.cause, refused.value.provider) == ("other_provider", "file")
    assert vault.dump() == before
    assert not (tmp_path / "other").exists()


def test_processes_that_begin_together_leave_one_root_key(database: Database, tmp_path: Path, clock: Clock) -> None:
    providers = [Away(tmp_path / "token") for _ in range(2)]

    class Late(Away):
        """Another process adopts its own root between this one's look and its making one."""

        def create_root(self) -> str:
            made = super().create_root()
            other = Roots(database, [providers[0]], clock)
            other.open()
            return made

    providers[0].create_root()
    late = Late(tmp_path / "another")
    with pytest.raises(RootKeyError):
        Roots(database, [late], clock).open()
    assert not (tmp_path / "another" / "root.key").exists()
    Roots(database, [providers[1]], clock).open()


@pytest.fixture
def watched(process: Process, monkeypatch: pytest.MonkeyPatch) -> Iterator[Process]:
    """A process whose thread tries again at once."""
    monkeypatch.setattr(unsealing, "RETRIED_AFTER_SECONDS", 0.01)
    monkeypatch.setattr(unsealing, "RETRIED_AFTER_AT_MOST", 0.02)
    monkeypatch.setattr(unsealing, "PROVED_EVERY_SECONDS", 0.01)
    process.provider.cause = "unreachable"
    process.unsealing.attempt()
    process.unsealing.start()
    yield process
    process.unsealing.stop()


def test_the_thread_opens_it_by_itself_and_notices_when_the_provider_goes(watched: Process) -> None:
    asked = watched.provider.asked
    _until(lambda: watched.provider.asked > asked + 3)
    watched.provider.cause = None
    _until(lambda: not watched.seal.closed())
    watched.provider.cause = "sealed"
    _until(lambda: watched.seal.cause == "sealed")
    assert not watched.seal.closed()
    watched.seconds = KEPT
    _until(lambda: watched.told == ["unreachable", None, "sealed"] and watched.seal.closed())
    watched.provider.cause = None
    _until(lambda: not watched.seal.closed())


def test_the_thread_survives_whatever_happens_to_it(watched: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.provider.cause = None
    _until(lambda: not watched.seal.closed())
    with monkeypatch.context() as broken:
        broken.setattr(watched.roots, "prove", lambda: 1 / 0)
        _until(lambda: watched.told[-1] == "ZeroDivisionError")
    _until(lambda: watched.told[-1] is None)


def test_a_call_during_the_outage_changes_nothing(vault: Vault) -> None:
    token = vault.token()
    before = vault.dump()
    vault.roots.seal._until = -1.0
    for call in (lambda: vault.token(submitted("13987654321")), lambda: vault.seen(token)):
        with pytest.raises(KeysUnavailableError):
            call()
    assert vault.dump() == before
    vault.roots.seal.proved()
    assert vault.seen(token) == ["13812345678"]


def _until(happened: Callable[[], bool]) -> None:
    """Return when it has happened; the test's own timeout bounds the wait."""
    while not happened():
        threading.Event().wait(0.005)
