"""Moving all wrapped keys to another root key, on both databases: nothing is lost, and cut off anywhere it goes on."""

from pathlib import Path

import pytest

from audit.entry import Actor, ActorKind
from audit.log import AuditLog
from tests.support.vault import OTHER_TENANT, Vault, submitted
from vault.custody.roots import Roots
from vault.errors import KeysUnavailableError, RootInUseError
from vault.keyring import Keyring
from vault.log_key import LogKeyring
from vault.providers.file import FileKeyProvider
from vault.rewrapping import Decision, Rewrapping

ALICE, BOB = Actor(ActorKind.CREDENTIAL, 7, "admin"), Actor(ActorKind.CREDENTIAL, 8, "operator")
BOTH = Decision(ALICE, BOB)


class Second(FileKeyProvider):
    """Another provider, whose calls can be made to fail from some point on."""

    name = "transit"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.calls_left = 1_000_000

    def wrap(self, root: str, keys: object) -> list[bytes]:
        self._call()
        return super().wrap(root, keys)  # type: ignore[arg-type]

    def create_root(self) -> str:
        self._call()
        return super().create_root()

    def _call(self) -> None:
        if self.calls_left <= 0:
            raise KeysUnavailableError("unreachable")
        self.calls_left -= 1


def rewrapping(vault: Vault, second: Second | None = None) -> Rewrapping:
    """The move as another process makes it, which may have a second provider."""
    providers = [FileKeyProvider(vault.keys), *([second] if second else [])]
    return Rewrapping(vault.database, Roots(vault.database, providers, vault.clock), AuditLog(), vault.clock)


def moved(move: Rewrapping, provider: str | None = None) -> int:
    """Make the whole move; the number of the new root."""
    root = move.introduce(BOTH, before=move.active().id, provider=provider).id
    while move.step(BOTH, limit=3):
        pass
    assert move.left() == 0
    return root


def stored(vault: Vault) -> list[str]:
    """Values of two tenants, and keys of the log and its exports."""
    for usage in ("log_signing", "export_signing"):
        LogKeyring(vault.database, vault.roots, AuditLog(), vault.clock, usage=usage).signers()
    vault.token(caller=vault.caller(tenant=OTHER_TENANT))
    return [vault.token(), vault.token(submitted("13987654321", format="preserving"))]


def roots_of_keys(vault: Vault) -> set[int]:
    rows = vault.sql("SELECT root FROM kek UNION SELECT root FROM purpose_key")
    return {root for (root,) in rows}


def test_a_rotation_of_the_root_moves_every_key_and_processes_that_run_go_on(vault: Vault) -> None:
    tokens = stored(vault)
    before = vault.sql("SELECT wrapped FROM kek UNION SELECT wrapped FROM purpose_key")
    root = moved(rewrapping(vault))
    after = vault.sql("SELECT wrapped FROM kek UNION SELECT wrapped FROM purpose_key")
    assert roots_of_keys(vault) == {root}
    assert set(before).isdisjoint(after)
    for one in (vault, vault.another_process()):
        assert one.seen(*tokens, caller=one.caller(preserving=True)) == ["13812345678", "13987654321"]
        one.token(submitted("13711112222"))
    assert vault.sql("SELECT state FROM keyring_root ORDER BY id") == [("decrypt-only",), ("active",)]


def test_a_root_that_nothing_names_is_destroyed_by_two_persons_and_no_other_is(vault: Vault) -> None:
    tokens = stored(vault)
    move = rewrapping(vault)
    old = move.active().id
    for decision, cause in ((Decision(ALICE), "two_persons"), (Decision(ALICE, ALICE), "two_persons"), (BOTH, "keys")):
        with pytest.raises(RootInUseError) as refused:
            move.destroy(old, decision)
        assert refused.value.cause == cause
    new = moved(move)
    with pytest.raises(RootInUseError):
        move.destroy(new, BOTH)
    lines = len((vault.keys / "root.key").read_text().splitlines())
    move.destroy(old, BOTH)
    assert (lines, len((vault.keys / "root.key").read_text().splitlines())) == (2, 1)
    assert vault.another_process().seen(tokens[0]) == ["13812345678"]
    assert vault.sql("SELECT state FROM keyring_root ORDER BY id") == [("destroyed",), ("active",)]


def test_a_destruction_that_was_cut_off_is_finished(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(vault)
    move = rewrapping(vault)
    old = move.active()
    moved(move)
    with monkeypatch.context() as cut:
        cut.setattr(FileKeyProvider, "destroy_root", lambda *_: (_ for _ in ()).throw(KeysUnavailableError("sealed")))
        with pytest.raises(KeysUnavailableError):
            move.destroy(old.id, BOTH)
    assert rewrapping(vault).finish() == 1
    assert old.root not in (vault.keys / "root.key").read_text()
    assert rewrapping(vault).finish() == 0


@pytest.mark.parametrize("calls", range(8))
def test_a_move_to_another_provider_goes_on_wherever_it_was_cut_off(vault: Vault, tmp_path: Path, calls: int) -> None:
    tokens = stored(vault)
    second = Second(tmp_path / "second")
    second.calls_left = calls
    with pytest.raises(KeysUnavailableError):
        moved(rewrapping(vault, second), "transit")
    second.calls_left = 1_000_000
    move = rewrapping(vault, second)
    if move.active().provider != "transit":
        move.introduce(BOTH, before=move.active().id, provider="transit")
    while move.step(BOTH):
        pass
    assert vault.sql("SELECT count(*) FROM keyring_root") == [(2,)]
    assert len((tmp_path / "second" / "root.key").read_text().splitlines()) == 1
    only_the_new = Roots(vault.database, [second], vault.clock)
    only_the_new.prove()
    only_the_new.seal.proved()
    keyring = Keyring(vault.database, only_the_new, AuditLog(), vault.clock)
    assert [len(keyring.of(tenant).keks) for tenant in (1, OTHER_TENANT)] == [1, 1]
    assert vault.seen(tokens[0]) == ["13812345678"]


def test_a_key_minted_while_the_root_changes_is_wrapped_by_the_new_one(vault: Vault, tmp_path: Path) -> None:
    vault.token()
    move = rewrapping(vault)

    class Overtaken(FileKeyProvider):
        def wrap(self, root: str, keys: object) -> list[bytes]:
            wrapped = super().wrap(root, keys)  # type: ignore[arg-type]
            if not overtaken:
                overtaken.append(move.introduce(BOTH, before=move.active().id).id)
            return wrapped

    overtaken: list[int] = []
    roots = Roots(vault.database, [Overtaken(vault.keys)], vault.clock)
    roots.seal.proved()
    Keyring(vault.database, roots, AuditLog(), vault.clock).mint(1, "token", "")
    newest = vault.sql("SELECT root FROM purpose_key WHERE usage = 'token' ORDER BY version DESC LIMIT 1")
    assert newest == [(overtaken[0],)]


def test_every_step_is_in_the_log_with_both_persons(vault: Vault) -> None:
    stored(vault)
    move = rewrapping(vault)
    old = move.active().id
    moved(move)
    move.destroy(old, BOTH)
    entries = [entry for tenant in (0, 1, OTHER_TENANT) for entry in vault.entries(tenant)]
    made = {entry["action"]: entry for entry in entries if entry["action"].startswith("keys.r")}
    assert set(made) == {"keys.root_activate", "keys.rewrap", "keys.root_destroy", "keys.root_destroyed"}
    for action in ("keys.root_activate", "keys.rewrap", "keys.root_destroy"):
        assert (made[action]["actor"]["id"], made[action]["approver"]["id"], made[action]["kind"]) == (7, 8, "file")
    counted = sum(entry["count"] for entry in entries if entry["action"] == "keys.rewrap")
    assert counted == vault.sql("SELECT (SELECT count(*) FROM kek) + (SELECT count(*) FROM purpose_key)")[0][0]
