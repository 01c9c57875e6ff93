"""What the code itself says of objects that hold values: nothing, in whatever way it is asked."""

import copy
import io
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from database.engine import Database
from database.statement import Statement
from settings import Settings
from tests.secrecy.canary import BY_KIND, CANARIES, CUSTOMER, SUBJECTS, VALUES
from tests.secrecy.traces import Traces
from vault.fingerprint import search_fingerprint
from vault.identifier import KINDS, InvalidIdentifier, normal_form
from vault.keys import DataKey, SearchKey
from vault.messages import ProfileRequest, SearchRequest, TokenizeRequest
from vault.recording import Value
from web.credential import draw
from web.logs import configure_logging, failure_line
from work.replay import Replay

ALL = Traces((*VALUES, *SUBJECTS))
PHONE = BY_KIND["phone"]
_ITEM = {"subject": CUSTOMER, "kind": "phone", "value": PHONE.writings[0]}


def _value() -> Value:
    return Value(CUSTOMER, KINDS["phone"], PHONE.writings[0], PHONE.normal, "delivery", "order:o-1")


HOLDERS: dict[str, Callable[[], object]] = {
    "a tokenize request": lambda: TokenizeRequest.model_validate({"items": [{**_ITEM, "subject": "cust-1"}]}),
    "a search request": lambda: SearchRequest.model_validate(
        {"purpose": "support", "items": [{"kind": "phone", "value": PHONE.writings[0]}]}
    ),
    "a profile": lambda: ProfileRequest.model_validate({"purpose": "account", "fields": {"phone": PHONE.writings[0]}}),
    "a value to be stored": _value,
    "a repeated call": lambda: Replay(1, 1, "/v1/tokenize", PHONE.writings[0], PHONE.normal.encode()),
}


@pytest.mark.parametrize("what", HOLDERS)
def test_a_holder_of_values_does_not_say_them(what: str) -> None:
    holder = HOLDERS[what]()
    for said in (repr(holder), str(holder), f"{holder}", f"{holder!r}", f"{[holder]}"):
        assert ALL.within(said.encode()) == set()


@pytest.mark.parametrize("key", [DataKey, SearchKey])
def test_a_key_has_no_text_no_copy_and_no_pickle(key: Any) -> None:
    made = key(b"\x5a" * 32)
    for said in (repr(made), str(made), f"{made}", f"{[made]}"):
        assert "5a5a" not in said
        assert "ZZZZ" not in said
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(made)


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: str(canary.kind))
def test_a_refused_value_is_not_in_its_error(canary: Any) -> None:
    other = next(kind for kind in KINDS.values() if kind.name not in {canary.kind, "note", "name", "address"})
    try:
        normal_form(other, canary.writings[0] * 40, region="CN")
    except InvalidIdentifier as error:
        said = "".join(traceback.format_exception(error)) + repr(error) + error.detail
        assert ALL.within(said.encode()) == set()
    else:
        pytest.fail("forty times a value was taken")


def test_a_refused_request_is_not_in_its_error() -> None:
    for body in ({"items": [{**_ITEM, PHONE.writings[0]: 1}]}, {"items": PHONE.writings[0]}, PHONE.writings[0]):
        with pytest.raises(ValidationError) as caught:
            TokenizeRequest.model_validate(body)
        said = str(caught.value).replace(f"items.0.{PHONE.writings[0]}", "")
        assert ALL.within(said.encode()) == set()


def test_a_failed_statement_does_not_say_its_parameters(tmp_path: Any, capfd: pytest.CaptureFixture[str]) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    try:
        with pytest.raises(Exception, match="no such table") as caught:
            database.write(None, lambda tx: tx.run(Statement("UPDATE missing SET a = :a"), a=PHONE.normal))
    finally:
        database.dispose()
    said = "".join(traceback.format_exception(caught.value))
    assert ALL.within(said.encode()) == set()
    assert ALL.within("".join(capfd.readouterr()).encode()) == set()


def test_settings_do_not_say_the_databases_password(tmp_path: Any) -> None:
    secret = SecretStr("postgresql://moat:Canary-Secret-77@localhost/moat")
    chosen = Settings(data=tmp_path / "d", keys=tmp_path / "k", database=secret)
    assert "Canary-Secret-77" not in repr(chosen) + str(chosen)


def test_a_credential_is_not_in_its_repr() -> None:
    text = draw(test=False)
    assert text.reveal() not in repr(text) + str(text) + f"{[text]}"


def test_a_failure_is_logged_by_its_types_and_places() -> None:
    said = io.BytesIO()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    try:
        configure_logging(said)
        try:
            _fail(_value())
        except RuntimeError as error:
            failure_line(error, "")
            logging.getLogger("elsewhere").exception("it holds %s", PHONE.normal)
            logging.getLogger("elsewhere").error(f"it holds {PHONE.normal}")
    finally:
        root.handlers, root.level = handlers, level
    assert b"RuntimeError" in said.getvalue()
    assert ALL.within(said.getvalue()) == set()


def _fail(value: Value) -> None:
    local = value.writing
    try:
        raise KeyError(local)
    except KeyError as error:
        raise RuntimeError(f"it was {value.normal}") from error


def test_a_fingerprint_is_not_what_it_was_made_of() -> None:
    assert ALL.within(search_fingerprint(SearchKey(b"\x01" * 32), normal=PHONE.normal)) == set()
