"""The operator's policy file decides which witnesses a deployment asks, and one that cannot be used stops it with a word why."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from moat_verifier.note import VerifierKey

from audit.checkpoint import COSIGNATURE, Checkpoint, Note, sign
from audit.errors import RefusedError
from audit.merkle import EMPTY_ROOT
from audit.witness import Witness, WitnessKey
from audit.witness_cli import WitnessServer
from audit.witness_client import TooFewWitnessesError
from audit.witness_state import WitnessState
from composition.audit_log import witness_quorum
from settings import Settings
from tests.support.audit_log import LOG, ORIGIN, WITNESS

WITNESS_VKEY = WITNESS.verifier(COSIGNATURE)
TEXT = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text
NOTE = Note(TEXT, (sign(TEXT, LOG.name, LOG.seed),))


def chosen(place: Path, policy: str, *, internal: tuple[str, ...] = ()) -> Settings:
    (place / "policy").write_text(policy)
    return Settings(data=place / "data", keys=place / "keys", audit_policy=place / "policy", egress_internal=internal)


def test_without_a_policy_nobody_is_asked(tmp_path: Path) -> None:
    assert witness_quorum(Settings(data=tmp_path / "data", keys=tmp_path / "keys")) is None


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ("quorum w1\n", "line 1: a name is not defined"),
        ("witness w1 nonsense\nquorum none\n", "line 1: a verifier key is malformed"),
        (f"witness w1 {WITNESS_VKEY}\nquorum w1\n", "cannot make its quorum"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused(policy: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=why):
        witness_quorum(chosen(tmp_path, policy))


def test_a_policy_that_is_not_there_is_refused(tmp_path: Path) -> None:
    settings = chosen(tmp_path, "")
    (tmp_path / "policy").unlink()
    with pytest.raises(RefusedError, match="cannot be used"):
        witness_quorum(settings)


def test_a_witness_is_asked_where_egress_allows_it_and_nowhere_else(tmp_path: Path) -> None:
    log = VerifierKey.parse(str(LOG.verifier()))
    key = WitnessKey(WITNESS.name, WITNESS.seed)
    (tmp_path / "state").mkdir()
    state = WitnessState(tmp_path / "state")
    witness = Witness(key=key, logs=[log], state=state, now=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    with WitnessServer(witness, ("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_address[1]}"
            policy = f"witness w1 {WITNESS_VKEY} {address}\nquorum w1\n"
            asked = witness_quorum(chosen(tmp_path, policy, internal=(address,)))
            refused = witness_quorum(chosen(tmp_path, policy))
            assert asked is not None
            assert refused is not None
            checkpoint = Checkpoint.parse(TEXT)
            assert [line.name for line in asked.cosign(checkpoint, NOTE, lambda _: [])] == [WITNESS.name]
            with pytest.raises(TooFewWitnessesError):
                refused.cosign(checkpoint, NOTE, lambda _: [])
        finally:
            server.shutdown()
            thread.join()
