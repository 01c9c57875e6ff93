"""What people's requests do to the vault: counting, giving out, correcting and disposing, on both databases."""

from collections.abc import Collection
from uuid import UUID

import pytest

from database.transaction import Transaction
from tests.support.vault import NOTES, OTHER_TENANT, TENANT, Vault, submitted
from vault.errors import DeniedError, HeldError, KeysUnavailableError, LedgerError, SubjectErasedError
from vault.handover.stage import Stage
from vault.identifier import InvalidIdentifier
from vault.ledger_line import Event, Line
from vault.open_gates import OpenLogGate
from vault.recording import Recording
from vault.rights import disclosing
from vault.rights.disclosing import Disclosing
from vault.rights.disposal import Disposed, Disposing
from vault.rights.inventory import Inventory
from vault.rights.ports import Piece, Use
from vault.rights.rectifying import Rectifying
from vault.shredding import ShredReason
from work.replay import Replay

REQUEST = UUID("0199e7a0-0000-7000-8000-000000000001")
PERSON = 1
"""The vault's number of the first person that a test stores."""

PHONE, NAME, HOME = "13812345678", "王小明", "北京市朝阳区建国路88号2单元501"
FIRST: Use = ("phone", "delivery", "order:o-1")
SECOND: Use = ("phone", "delivery", "order:o-2")
ACCOUNT: Use = ("account", "", "")


class Rights:
    """The use cases over a test's vault. Uses in `kept` are under a legal hold."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.kept: set[Use] = set()
        self.counting = Inventory(vault.means)
        self.disclosing = Disclosing(vault.means, OpenLogGate())
        self.rectifying = Rectifying(vault.means, Recording(vault.means.subjects, NOTES))
        self.disposing = Disposing(vault.means, vault.gates, self, vault.destruction)

    def held(self, tx: Transaction, tenant: int, subject: int, uses: Collection[Use]) -> Collection[Use]:
        return self.kept & set(uses)

    def counted(self, tenant: int = TENANT) -> dict[Use, int]:
        return {one.use: one.count for one in self.counting.of(tenant, PERSON)}

    def disclosed(self) -> list[Piece]:
        return list(self.disclosing.disclose(TENANT, PERSON, REQUEST))

    def values(self) -> dict[str, list[str]]:
        """The disclosed values by kind, without the account."""
        found: dict[str, list[str]] = {}
        for category, fields in self.disclosed():
            if "value" in fields:
                found.setdefault(category, []).append(fields["value"])
        return found

    def correct(self, **corrections: str) -> int:
        named = {field.replace("__", "."): value for field, value in corrections.items()}
        return self.rectifying.rectify(TENANT, PERSON, self.rectifying.read(named, region="CN"), REQUEST)[0]

    def dispose(self, *keep: Use) -> Disposed:
        return self.disposing.dispose(TENANT, PERSON, keep=keep, reason=ShredReason.ERASURE_REQUEST, request=REQUEST)


@pytest.fixture
def rights(vault: Vault) -> Rights:
    return Rights(vault)


def fill(vault: Vault) -> dict[str, str]:
    """Give the person two orders with one phone, a name, a profile and an order to carry, and somebody else a phone."""
    vault.token()
    first, second, name, _ = (
        answer.token  # type: ignore[union-attr]  # all are stored
        for answer in vault.tokenize(
            submitted(),
            submitted(ref="order:o-2"),
            submitted(NAME, "name"),
            submitted("13987654321", subject="cust-2"),
            replay=Replay(TENANT, vault.caller().credential, "tokenize", "key-1", b"body"),
        )
    )
    profile = {"phone": "13711112222", "address.home": HOME}
    tokens = vault.profiles.put(vault.caller(), "cust-1001", profile, type_="customer", purpose="account")
    vault.assign("o-9", "cust-1001", Stage.ASSIGNED)
    return {"first": first, "second": second, "name": name, **tokens}


def test_what_is_held_is_counted_by_kind_purpose_and_ref(vault: Vault, rights: Rights) -> None:
    fill(vault)
    assert rights.counted() == {
        ACCOUNT: 1,
        ("name", "delivery", "order:o-1"): 1,
        FIRST: 1,
        SECOND: 1,
        ("phone", "account", ""): 1,
        ("address", "account", ""): 1,
        ("assignment", "", "order:o-9"): 1,
    }
    assert rights.counted(OTHER_TENANT) == {}
    assert vault.entries(request=str(REQUEST)) == []


def test_everything_is_given_out_with_what_it_is_kept_for_and_each_kind_stands_in_the_log(
    vault: Vault, rights: Rights
) -> None:
    fill(vault)
    pieces = rights.disclosed()
    assert pieces[0] == (
        "account",
        {"id": "cust-1001", "type": "customer", "state": "active", "created_at": "2026-11-02T08:00:00.000Z"},
    )
    assert [category for category, _ in pieces] == ["account", "name", "phone", "phone", "address", "assignment"]
    assert rights.values() == {"name": [NAME], "phone": [PHONE, "13711112222"], "address": [HOME]}
    phone, home = pieces[2][1], pieces[4][1]
    assert [use["ref"] for use in phone["uses"]] == ["order:o-1", "order:o-2"]
    assert (home["fields"], home["uses"][0]["purpose"], home["expires_at"]) == (["address.home"], "account", None)
    entries = vault.entries(request=str(REQUEST), action="vault.subject_disclose")[:4]
    assert [entry["kind"] for entry in entries] == ["account", "name", "phone", "address"]
    assert all(len(entry["subjects"]) == 1 for entry in entries)


def test_nothing_leaves_before_it_stands_in_the_log_and_nothing_while_the_log_lags(
    vault: Vault, rights: Rights
) -> None:
    fill(vault)

    class Behind:
        def behind(self) -> bool:
            return True

    with pytest.raises(KeysUnavailableError):
        Disclosing(vault.means, Behind()).disclose(TENANT, PERSON, REQUEST)
    assert vault.entries(request=str(REQUEST)) == []
    rights.disclosing.disclose(TENANT, PERSON, REQUEST)
    assert vault.entries(request=str(REQUEST), action="vault.subject_disclose")


def test_pages_add_up_and_what_is_erased_meanwhile_is_simply_not_there(
    vault: Vault, rights: Rights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosing, "AT_ONCE", 2)
    vault.tokenize(*(submitted(f"1380000{one:04}", ref=f"order:o-{one}") for one in range(5)))
    assert len(rights.values()["phone"]) == 5
    pieces = rights.disclosing.disclose(TENANT, PERSON, REQUEST)
    assert [next(pieces)[0] for _ in range(3)] == ["account", "phone", "phone"]
    rights.dispose()
    assert list(pieces) == []
    with pytest.raises(SubjectErasedError):
        rights.disclosed()


def test_a_record_that_does_not_open_is_told_of_without_its_value(vault: Vault, rights: Rights) -> None:
    fill(vault)
    vault.damage("UPDATE record SET sealed = :sealed WHERE kind = 1", sealed=b"\x01" * 40)
    assert rights.values()["name"] == [None]
    assert vault.damaged == 1


def test_somebody_whose_data_is_frozen_still_gets_a_copy(vault: Vault, rights: Rights) -> None:
    fill(vault)
    vault.shredding.freeze(vault.caller("privacy_officer"), "cust-1001")
    assert rights.values()["name"] == [NAME]


def test_a_correction_replaces_a_field_of_the_profile_and_leaves_orders_as_they_were(
    vault: Vault, rights: Rights
) -> None:
    tokens = fill(vault)
    assert rights.correct(phone="139 8765 4321", address__home="北京市海淀区中关村大街1号") == 2
    assert rights.values() == {
        "name": [NAME],
        "phone": [PHONE, "139 8765 4321"],
        "address": ["北京市海淀区中关村大街1号"],
    }
    assert vault.seen(tokens["first"]) == [PHONE]
    assert vault.seen(tokens["phone"], purpose="account", ref="") == ["not_found"]
    kinds = [entry["kind"] for entry in vault.entries(request=str(REQUEST), action="vault.subject_rectify")]
    assert kinds == ["phone", "address"]
    assert rights.correct(phone="13987654321") == 0


def test_what_is_stored_for_no_order_and_is_no_field_is_corrected_by_its_kind(vault: Vault, rights: Rights) -> None:
    old = vault.token(submitted("Wang", "name", purpose="account", ref=""))
    vault.token(submitted("Wang", "name"))
    assert rights.correct(name="王小明") == 1
    assert rights.counted() == {ACCOUNT: 1, ("name", "account", ""): 1, ("name", "delivery", "order:o-1"): 1}
    assert sorted(rights.values()["name"]) == ["Wang", "王小明"]
    assert vault.seen(old) == ["Wang"]  # it serves the order still
    assert rights.correct(email="a@example.com") == 0


def test_corrections_that_are_none_change_nothing(vault: Vault, rights: Rights) -> None:
    fill(vault)
    with pytest.raises(InvalidIdentifier, match="not_a_phone"):
        rights.correct(phone="12")
    with pytest.raises(LookupError):
        rights.correct(shoe_size="44")
    vault.shredding.freeze(vault.caller("privacy_officer"), "cust-1001")
    with pytest.raises(DeniedError):
        rights.correct(phone="13987654321")
    assert rights.values()["phone"] == [PHONE, "13711112222"]


def test_disposing_of_everything_destroys_the_key_once_and_says_so(vault: Vault, rights: Rights) -> None:
    fill(vault)
    done = rights.dispose()
    assert (done.method, done.count) == ("cryptographic_erase", 7)
    assert rights.counted() == {}
    assert vault.sql("SELECT count(*) FROM record WHERE subject = 1") == [(0,)]
    (entry,) = vault.entries(request=str(REQUEST))
    assert (entry["action"], entry["outcome"], len(entry["subjects"])) == ("vault.subject_shred", "done", 1)
    vault.clock.advance(hours=1)
    assert rights.dispose() == Disposed("cryptographic_erase", 0, done.at)
    assert len(vault.entries(request=str(REQUEST))) == 1


def test_what_the_law_keeps_stays_readable_and_the_rest_goes_row_by_row(vault: Vault, rights: Rights) -> None:
    tokens = fill(vault)
    done = rights.dispose(SECOND)
    assert (done.method, done.count) == ("delete", 5)
    assert rights.counted() == {ACCOUNT: 1, SECOND: 1}
    assert vault.seen(tokens["second"], ref="order:o-2") == [PHONE]
    assert vault.seen(tokens["name"], tokens["phone"], tokens["address.home"]) == ["not_found"] * 3
    assert vault.sql("SELECT count(*) FROM subject_field WHERE subject = 1") == [(0,)]
    assert vault.sql("SELECT count(*) FROM idempotency") == [(0,)]
    (entry,) = vault.entries(request=str(REQUEST))
    assert (entry["action"], len(entry["rows"])) == ("vault.subject_dispose", 4)
    assert rights.dispose(SECOND).count == 0
    assert rights.dispose().method == "cryptographic_erase"


def test_a_kept_use_that_nobody_has_keeps_nothing(vault: Vault, rights: Rights) -> None:
    fill(vault)
    assert rights.dispose(("order", "", "order:o-77")).method == "cryptographic_erase"


def test_somebody_elses_records_are_untouched(vault: Vault, rights: Rights) -> None:
    fill(vault)
    rights.dispose(SECOND)
    rights.dispose()
    assert vault.sql("SELECT count(*) FROM record WHERE subject = 2") == [(1,)]


@pytest.mark.parametrize("keep", [(), (SECOND,)])
def test_a_hold_that_was_placed_since_the_plan_stops_the_disposal(
    vault: Vault, rights: Rights, keep: tuple[Use, ...]
) -> None:
    fill(vault)
    before = rights.counted()
    rights.kept = {FIRST}
    with pytest.raises(HeldError):
        rights.dispose(*keep)
    assert rights.counted() == before
    (entry,) = vault.entries(request=str(REQUEST))
    assert (entry["outcome"], entry["reason"]) == ("denied", "held")
    rights.dispose(FIRST, SECOND)
    assert rights.counted() == {ACCOUNT: 1, FIRST: 1, SECOND: 1}


def test_a_hold_over_the_person_stops_the_destruction_of_the_key_alone(vault: Vault, rights: Rights) -> None:
    fill(vault)
    vault.gates.held_subjects.add(PERSON)
    with pytest.raises(HeldError):
        rights.dispose()
    assert rights.counted()[ACCOUNT] == 1


def test_a_destruction_that_has_begun_is_finished_whatever_is_kept_now(
    vault: Vault, rights: Rights, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(vault)

    def fail(_event: Event) -> Line:
        raise LedgerError("cut")

    append = vault.ledger.append
    monkeypatch.setattr(vault.ledger, "append", fail)
    with pytest.raises(LedgerError):
        rights.dispose()
    monkeypatch.setattr(vault.ledger, "append", append)
    rights.kept = {FIRST}
    assert rights.dispose(SECOND).method == "cryptographic_erase"
    assert rights.counted() == {}
