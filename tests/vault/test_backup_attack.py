"""An attacker with every archive that has not expired, the identities that open them, today's database and today's root keys
tries every key on everything. Before the date D the attacker succeeds; after it, nothing of the erased person is read or found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.backups import DAY_MS, Safe
from tests.support.vault import TENANT, Vault, submitted
from vault.backup.halves import Half
from vault.backup.manifest import TableShape
from vault.backup.reading import read_half
from vault.backup.restoring import Archives
from vault.completion import Rule
from vault.envelope import open_sealed, unwrap, wrap
from vault.errors import IntegrityError, VaultError
from vault.fingerprint import search_fingerprint
from vault.keyring import wrapping_context
from vault.keys import DataKey, KeyEncryptionKey, SearchKey
from vault.providers.file import FileKeyProvider
from vault.shredding import Shredded, ShredReason
from vault.subject import DEK_USAGE, IDENTITY_KIND

ERASED, OTHER = "cust-1001", "cust-2"
PHONE, OTHER_PHONE = "13812345678", "13987654321"
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Attacker:
    """What an attacker holds: rows of archives and of the live database, and a directory of root keys."""

    root_keys: Path
    tables: list[Rows] = field(default_factory=list)

    def steal_archives(self, safe: Safe, vault: Vault, archives: list[Archives]) -> None:
        """Whatever of the archives is still there, opened with stolen identities."""
        for made in archives:
            for path, half in ((made.keyring, Half.KEYRING), (made.data, Half.DATA)):
                if path.exists():
                    rows: Rows = {}

                    def take(shape: TableShape, taken: list[list[Any]], rows: Rows = rows) -> None:
                        names = [name for name, _ in shape.columns]
                        rows.setdefault(shape.name, []).extend(dict(zip(names, row, strict=True)) for row in taken)

                    read_half(path, [safe.keyring, safe.data], half, vault.ledger.key, take)
                    self.tables.append(rows)

    def steal_database(self, vault: Vault) -> None:
        """The database as it is now."""
        rows: Rows = {}
        for name, columns in (
            ("keyring_root", "id, provider, root, state"),
            ("kek", "id, tenant, version, root, wrapped"),
            ("purpose_key", "id, tenant, usage, scope, version, root, wrapped"),
            ("dek", "tenant, subject, version, kek, wrapped"),
            ("record", "id, tenant, subject, kind, sealed"),
            ("subject", "id, tenant, sealed_identity"),
            ("search_index", "tenant, kind, epoch, fingerprint, record"),
        ):
            names = columns.split(", ")
            rows[name] = [
                {k: bytes(v) if isinstance(v, memoryview) else v for k, v in zip(names, row, strict=True)}
                for row in vault.sql(f"SELECT {columns} FROM {name}")
            ]
        self.tables.append(rows)

    def read(self) -> set[str]:
        """Every value and platform id that any of the keys opens in any of the rows."""
        found: set[str] = set()
        keys = list(self._deks())
        for row in self._all("record"):
            found |= self._tried(keys, row["sealed"], (row["tenant"], row["subject"], row["id"], row["kind"]))
        for row in self._all("subject"):
            if row["sealed_identity"] is not None:
                place = (row["tenant"], row["id"], 0, IDENTITY_KIND)
                found |= {text[-9:].lstrip("\0") for text in self._tried(keys, row["sealed_identity"], place)}
        return found

    def finds(self, normal: str) -> set[int]:
        """Numbers of the records whose value is guessed, by any search key."""
        prints = {
            search_fingerprint(SearchKey(octets), normal=normal) for octets in self._opened("purpose_key", "usage")
        }
        return {row["record"] for row in self._all("search_index") if row["fingerprint"] in prints}

    def _all(self, table: str) -> Iterator[dict[str, Any]]:
        for rows in self.tables:
            yield from rows.get(table, [])

    def _tried(self, keys: list[DataKey], sealed: bytes, place: tuple[int, int, int, int]) -> set[str]:
        tenant, subject, row, kind = place
        found = set()
        for key in keys:
            try:
                opened = open_sealed(key, sealed, tenant=tenant, subject=subject, row=row, kind=kind)
            except IntegrityError:
                continue
            found.add(opened.decode("utf-8", "replace"))
        return found

    def _deks(self) -> Iterator[DataKey]:
        for rows in self.tables:
            for dek in rows.get("dek", []):
                for kek in self._keks():
                    try:
                        yield DataKey(
                            unwrap(
                                kek,
                                dek["wrapped"],
                                tenant=dek["tenant"],
                                owner=dek["subject"],
                                version=dek["version"],
                                usage=DEK_USAGE,
                            )
                        )
                    except VaultError:
                        continue

    def _keks(self) -> list[KeyEncryptionKey]:
        """A KEK is tried under every number that any copy gives it."""
        numbers = {row["id"] for row in self._all("kek")}
        return [KeyEncryptionKey(octets, id=number) for octets in set(self._opened("kek", None)) for number in numbers]

    def _opened(self, table: str, usage: str | None) -> Iterator[bytes]:
        """Wrapped keys that one of the root keys opens."""
        provider = FileKeyProvider(self.root_keys)
        roots = {row["root"] for row in self._all("keyring_root")}
        for row in self._all(table):
            named, scope = ("kek", "") if usage is None else (row["usage"], row["scope"])
            context = wrapping_context(row["tenant"], named, scope, row["version"])
            for root in roots:
                try:
                    [octets] = provider.unwrap(root, [(row["wrapped"], context)])
                except VaultError:
                    continue
                yield octets


def people(vault: Vault) -> None:
    vault.token(submitted(PHONE, subject=ERASED))
    vault.token(submitted(OTHER_PHONE, subject=OTHER))


def erase(vault: Vault) -> Shredded:
    return vault.shredding.shred(vault.caller("privacy_officer"), ERASED, ShredReason.ERASURE_REQUEST)


def attack(vault: Vault, safe: Safe, archives: list[Archives]) -> Attacker:
    attacker = Attacker(vault.keys)
    attacker.steal_archives(safe, vault, archives)
    attacker.steal_database(vault)
    return attacker


def expire(vault: Vault, safe: Safe, archives: list[Archives]) -> None:
    """Delete the archives whose time has come, as their owners have promised."""
    vault.ledger.advance()
    until = {event.code + event.archive.hex()[:8]: event.until for event in vault.ledger.backups()}
    for made in archives:
        for path, half in ((made.keyring, "keyring"), (made.data, "data")):
            if path.exists() and until[half + path.name.split("-")[2][:8]] <= vault.means.at():
                path.unlink()


def test_when_the_copies_have_expired_nothing_of_the_erased_person_can_be_read_or_found(
    vault: Vault, tmp_path: Path
) -> None:
    safe = Safe.new(tmp_path / "safe")
    people(vault)
    archives = [safe.make(vault, keyring_days=30, data_days=60)]
    vault.clock.advance(days=10)
    archives.append(safe.make(vault, keyring_days=30, data_days=45))
    vault.clock.advance(days=1)
    shredded = erase(vault)
    assert (shredded.complete_on, shredded.rule) == ("2027-01-01T08:00:00.000Z", "search_copies_expire")

    before = attack(vault, safe, archives)
    assert {PHONE, OTHER_PHONE} <= before.read(), "the control: until D the danger is real"
    assert any(ERASED in text for text in before.read())
    assert before.finds("+86" + PHONE)

    vault.clock.advance(days=49)
    archives.append(safe.make(vault))
    expire(vault, safe, archives)
    after = attack(vault, safe, archives)
    assert OTHER_PHONE in after.read(), "the attack itself works: whoever was not erased is read"
    assert PHONE not in after.read()
    assert not any(ERASED in text for text in after.read())
    assert after.finds("+86" + OTHER_PHONE)
    assert not after.finds("+86" + PHONE)


def test_one_millisecond_before_the_date_a_copy_is_still_there(vault: Vault, tmp_path: Path) -> None:
    """The date is not later than it must be: right before it, the attack succeeds."""
    safe = Safe.new(tmp_path / "safe")
    people(vault)
    archives = [safe.make(vault, keyring_days=30, data_days=40)]
    shredded = erase(vault)
    assert shredded.complete_on == "2026-12-12T08:00:00.000Z"
    vault.clock.advance(milliseconds=40 * DAY_MS - 1)
    expire(vault, safe, archives)
    assert attack(vault, safe, archives).finds("+86" + PHONE)
    vault.clock.advance(milliseconds=1)
    expire(vault, safe, archives)
    assert not attack(vault, safe, archives).finds("+86" + PHONE)


def rotate_everything(vault: Vault) -> None:
    """What rotation of root, KEK and search epoch leaves behind: new versions in use, the old ones gone for good."""
    at = vault.means.at()
    old_root = vault.sql("SELECT id, root FROM keyring_root WHERE state = 'active'")[0]
    provider = FileKeyProvider(vault.keys)
    new_root = provider.create_root()
    values = vault.roots.introduce(provider, new_root)
    vault.damage("UPDATE keyring_root SET state = 'decrypt-only' WHERE id = :id", id=old_root[0])
    vault.damage(
        "INSERT INTO keyring_root (provider, root, proof, state, created_at) VALUES (:p, :r, :o, :s, :t)",
        p=values[0], r=values[1], o=values[2], s=values[3], t=at,
    )  # fmt: skip
    ((number,),) = vault.sql("SELECT id FROM keyring_root WHERE state = 'active'")
    vault.damage("DELETE FROM search_index")
    ended = "UPDATE purpose_key SET wrapped = :n, state = 'destroyed', destroyed_at = :t WHERE usage = 'search'"
    vault.damage(ended, n=b"", t=at)
    _rewrap(vault, old_root, (number, new_root))
    _new_kek(vault, (number, new_root), at)
    provider.destroy_root(old_root[1])
    vault.damage("UPDATE keyring_root SET state = 'destroyed', destroyed_at = :t WHERE id = :id", t=at, id=old_root[0])


def _rewrap(vault: Vault, old: tuple[int, str], new: tuple[int, str]) -> None:
    provider = FileKeyProvider(vault.keys)
    for identity, tenant, usage, scope, version, wrapped in vault.sql(
        "SELECT id, tenant, usage, scope, version, wrapped FROM purpose_key WHERE state <> 'destroyed'"
    ):
        context = wrapping_context(tenant, usage, scope, version)
        [octets] = provider.unwrap(old[1], [(bytes(wrapped), context)])
        [again] = provider.wrap(new[1], [(octets, context)])
        vault.damage("UPDATE purpose_key SET wrapped = :w, root = :r WHERE id = :id", w=again, r=new[0], id=identity)


def _new_kek(vault: Vault, root: tuple[int, str], at: int) -> None:
    """A second KEK takes the DEKs over; the first is deleted, and a row without a key takes its place."""
    provider = FileKeyProvider(vault.keys)
    keys = vault.keyring.of(TENANT)
    octets = DataKey.generate().expose()
    [wrapped] = provider.wrap(root[1], [(octets, wrapping_context(TENANT, "kek", "", 2))])
    insert = "INSERT INTO kek (tenant, version, root, wrapped, state, created_at, destroyed_at) VALUES (1, :v, :r, :w, :s, :t, :d)"  # noqa: E501
    vault.damage(insert, v=2, r=root[0], w=wrapped, s="active", t=at, d=None)
    ((number,),) = vault.sql("SELECT id FROM kek WHERE version = 2")
    new = KeyEncryptionKey(octets, id=number)
    for subject, version, held in vault.sql("SELECT subject, version, wrapped FROM dek WHERE tenant = 1"):
        place = {"tenant": TENANT, "owner": subject, "version": version, "usage": DEK_USAGE}
        again = wrap(new, DataKey(unwrap(keys.kek, bytes(held), **place)), **place)
        vault.damage("UPDATE dek SET kek = :k, wrapped = :w WHERE subject = :s", k=number, w=again, s=subject)
    vault.damage("DELETE FROM kek WHERE version = 1")
    vault.damage(insert, v=1, r=root[0], w=b"", s="destroyed", t=at - 1, d=at)


def test_when_the_wrapping_keys_are_destroyed_not_even_copies_that_are_kept_for_years_can_be_read(
    vault: Vault, tmp_path: Path
) -> None:
    safe = Safe.new(tmp_path / "safe")
    people(vault)
    archives = [safe.make(vault, keyring_days=3_000, data_days=3_000)]
    vault.clock.advance(days=1)
    first = erase(vault)
    assert first.complete_on.startswith("2035-")
    before = attack(vault, safe, archives)
    assert {PHONE, OTHER_PHONE} <= before.read()
    assert before.finds("+86" + PHONE)

    vault.clock.advance(days=2)
    rotate_everything(vault)
    again = vault.another_process().shredding.receipt(vault.caller("privacy_officer"), ERASED)
    assert again.complete_on == "2026-11-05T08:00:00.000Z"
    assert again.rule in {Rule.KEYS.value, Rule.SEARCH_KEYS.value}
    after = attack(vault, safe, archives)
    assert OTHER_PHONE in after.read(), "the attack itself works: the data archive is still open to the live DEKs"
    assert PHONE not in after.read()
    assert not any(ERASED in text for text in after.read())
    assert not after.finds("+86" + PHONE)


@pytest.mark.parametrize("half", ["kek", "search"])
def test_one_destroyed_key_alone_does_not_make_it_complete(vault: Vault, tmp_path: Path, half: str) -> None:
    safe = Safe.new(tmp_path / "safe")
    people(vault)
    safe.make(vault, keyring_days=3_000, data_days=3_000)
    erase(vault)
    where = "kek" if half == "kek" else "purpose_key"
    vault.damage(f"UPDATE {where} SET destroyed_at = :at", at=vault.means.at())
    again = vault.shredding.receipt(vault.caller("privacy_officer"), ERASED)
    assert again.complete_on.startswith("2035-")
