"""A witness signs one history of each log, whoever asks for what at once, and remembers it when it is killed."""

import base64
import http.client
import multiprocessing
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from moat_verifier.note import Note as VerifierNote
from moat_verifier.note import VerifierKey

from audit.checkpoint import COSIGNATURE, Checkpoint, Note, sign
from audit.errors import MalformedError
from audit.witness import Reply, Witness, WitnessKey
from audit.witness_cli import WitnessServer, witness_command
from audit.witness_state import WitnessState
from tests.audit.reference import mth, proof
from tests.support.audit_log import AT, LOG, ORIGIN, WITNESS, Key

LEAVES = [sha256(bytes([0, number])).digest() for number in range(64)]
NOW = datetime.fromtimestamp(AT / 1000, UTC)
KEY = WitnessKey(WITNESS.name, WITNESS.seed)


def note(leaves: list[bytes], *keys: Key, origin: str = ORIGIN, root: bytes | None = None) -> bytes:
    text = Checkpoint(origin, len(leaves), mth(leaves)).text
    if root is not None:
        text = f"{origin}\n{len(leaves)}\n{base64.b64encode(root).decode()}\n"
    return bytes(Note(text, tuple(sign(text, key.name, key.seed) for key in keys or (LOG,))))


def request(old: int, checkpoint: bytes, hashes: list[bytes] | None = None) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in hashes or []), "", ""]
    return "\n".join(lines).encode() + checkpoint


def grown(old: int, new: int, *keys: Key) -> bytes:
    return request(old, note(LEAVES[:new], *keys), proof(old, LEAVES[:new]) if 0 < old < new else [])


def made(place: Path) -> Witness:
    log = VerifierKey.parse(str(LOG.verifier()))
    place.mkdir(exist_ok=True)
    return Witness(key=KEY, logs=[log], state=WitnessState(place), now=lambda: NOW)


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return made(tmp_path / "state")


def test_a_log_is_cosigned_as_it_grows(witness: Witness) -> None:
    for old, new in ((0, 3), (3, 3), (3, 8), (8, 64)):
        reply = witness.add_checkpoint(grown(old, new))
        assert reply.status == 200
        assert reply.body == WITNESS.cosignature(Checkpoint(ORIGIN, new, mth(LEAVES[:new])).text).line().encode()


def test_the_cosignature_is_kept_with_that_of_the_log_and_of_no_other(witness: Witness) -> None:
    cosigned = witness.add_checkpoint(grown(0, 5, LOG, Key("somebody.example.com"))).body
    kept = witness.checkpoint(sha256(ORIGIN.encode()).hexdigest())
    assert kept == Reply(200, note(LEAVES[:5]) + cosigned)
    key = VerifierKey.parse(str(WITNESS.verifier(COSIGNATURE)))
    assert VerifierNote.parse(kept.body, where="kept").signers([key], where="kept") == [key]


def test_there_is_nothing_to_read_of_a_log_that_was_never_cosigned(witness: Witness) -> None:
    for wanted in (sha256(b"unknown").hexdigest(), "..", "", "A" * 64):
        assert witness.checkpoint(wanted).status == 404


def test_a_checkpoint_of_an_empty_log_is_cosigned(witness: Witness) -> None:
    assert [witness.add_checkpoint(grown(0, 0)).status for _ in range(2)] == [200, 200]
    assert witness.add_checkpoint(grown(0, 2)).status == 200


def test_an_unknown_origin_is_not_found(witness: Witness) -> None:
    other = note(LEAVES[:2], Key("other.example.com"), origin="other.example.com")
    assert witness.add_checkpoint(request(0, other)).status == 404


def test_the_request_of_the_specification_is_read_and_its_origin_unknown(witness: Witness) -> None:
    example = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""
    assert witness.add_checkpoint(example.encode()).status == 404


def test_only_the_logs_own_keys_count_and_none_of_their_lines_may_be_wrong(witness: Witness) -> None:
    assert witness.add_checkpoint(grown(0, 2, Key("somebody.example.com"))).status == 403
    assert witness.add_checkpoint(grown(0, 2, Key(ORIGIN, "another"))).status == 403
    wrong = sign("another text\n", LOG.name, LOG.seed).line().encode()
    assert witness.add_checkpoint(grown(0, 2) + wrong).status == 403
    assert witness.add_checkpoint(grown(0, 2)).status == 200


def test_an_older_size_above_the_new_one_is_a_bad_request(witness: Witness) -> None:
    assert witness.add_checkpoint(request(3, note(LEAVES[:2]))).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        request(0, b"nothing"),
        request(0, note(LEAVES[:1])).replace(b"old 0", b"old 00"),
        request(0, note(LEAVES[:1])).replace(b"old 0", b"old  0"),
        request(0, note(LEAVES[:1])).replace(b"old 0", b"old -1"),
        request(0, note(LEAVES[:1]), [b"short"]),
        request(0, note(LEAVES[:1]), LEAVES[:64]),
        request(0, note(LEAVES[:1])).replace(b"\n\n", b"\n=\n\n", 1),
    ],
)
def test_a_malformed_request_is_a_bad_request(body: bytes, witness: Witness) -> None:
    assert witness.add_checkpoint(body).status == 400


def test_another_older_size_than_the_signed_one_is_a_conflict_that_names_it(witness: Witness) -> None:
    assert witness.add_checkpoint(grown(2, 4)) == Reply(409, b"0\n", "text/x.tlog.size")
    witness.add_checkpoint(grown(0, 8))
    assert witness.add_checkpoint(grown(0, 8)) == Reply(409, b"8\n", "text/x.tlog.size")
    assert witness.add_checkpoint(grown(4, 16)) == Reply(409, b"8\n", "text/x.tlog.size")


def test_a_proof_that_does_not_hold_is_unprocessable(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, note(LEAVES[:8]), [LEAVES[0]])).status == 422
    witness.add_checkpoint(grown(0, 8))
    forked = [*LEAVES[:7], *LEAVES[8:24]]
    for body in (
        request(8, note(forked), proof(8, forked)),
        request(8, note(LEAVES[:16]), []),
        request(8, note(LEAVES[:16]), proof(7, LEAVES[:16])),
        request(8, note(LEAVES[1:9])),
    ):
        assert witness.add_checkpoint(body).status == 422
    assert witness.add_checkpoint(grown(8, 16)).status == 200


def test_an_empty_tree_with_another_root_is_unprocessable(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, note([], root=bytes(32)))).status == 422


def test_of_two_histories_asked_for_at_once_one_is_signed(tmp_path: Path) -> None:
    bodies = [request(4, note(fork := [*LEAVES[:4], *LEAVES[at : at + 4]]), proof(4, fork)) for at in range(4, 20)]
    for attempt in range(5):
        witness = made(tmp_path / str(attempt))
        witness.add_checkpoint(grown(0, 4))
        start = threading.Barrier(len(bodies))

        def ask(body: bytes, witness: Witness = witness, start: threading.Barrier = start) -> int:
            start.wait()
            return witness.add_checkpoint(body).status

        with ThreadPoolExecutor(len(bodies)) as pool:
            statuses = sorted(pool.map(ask, bodies))
        assert statuses == [200, *[409] * (len(bodies) - 1)]


def _ask_in_a_process(place: Path, body: bytes) -> int:
    return made(place).add_checkpoint(body).status


def test_of_two_histories_asked_for_in_two_processes_one_is_signed(tmp_path: Path) -> None:
    place = tmp_path / "state"
    made(place).add_checkpoint(grown(0, 4))
    bodies = [request(4, note(fork := [*LEAVES[:4], *LEAVES[at : at + 4]]), proof(4, fork)) for at in range(4, 12)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        statuses = pool.starmap(_ask_in_a_process, [(place, body) for body in bodies], chunksize=1)
    assert sorted(statuses) == [200, *[409] * (len(bodies) - 1)]


def test_what_cannot_be_kept_is_not_signed(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space")

    witness.add_checkpoint(grown(0, 4))
    with monkeypatch.context() as disk:
        disk.setattr("audit.witness_state.write_durably", full)
        with pytest.raises(OSError, match="no space"):
            witness.add_checkpoint(grown(4, 8))
    assert witness.add_checkpoint(grown(0, 8)).body == b"4\n"


def test_a_key_is_read_as_it_was_written_and_never_printed() -> None:
    written = KEY.written()
    assert str(WitnessKey.parse(written).verifier) == str(KEY.verifier)
    assert written.split("+")[-1].strip() not in repr(KEY)
    for wrong in ("", written.replace("w1", "w2"), written[:-6], str(KEY.verifier)):
        with pytest.raises(MalformedError):
            WitnessKey.parse(wrong)


@pytest.fixture
def served(witness: Witness) -> Iterator[http.client.HTTPConnection]:
    """A connection to a witness that listens."""
    with WitnessServer(witness, ("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        connection = http.client.HTTPConnection("127.0.0.1", int(server.server_address[1]), timeout=10)
        yield connection
        connection.close()
        server.shutdown()
        thread.join()


def test_the_protocol_is_spoken_over_http(served: http.client.HTTPConnection) -> None:
    def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, str | None, bytes]:
        served.request(method, path, body=body)
        answer = served.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()

    monitored = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert ask("GET", monitored)[0] == 404
    status, _, line = ask("POST", "/add-checkpoint", grown(0, 3))
    assert status == 200
    assert ask("POST", "/add-checkpoint", grown(0, 3)) == (409, "text/x.tlog.size", b"3\n")
    assert ask("GET", monitored) == (200, "text/plain; charset=utf-8", note(LEAVES[:3]) + line)
    assert ask("POST", "/sign-subtree", b"")[0] == 404
    assert ask("GET", "/../checkpoint")[0] == 404
    assert ask("POST", "/add-checkpoint", bytes(300_000))[0] == 400


def test_a_witness_that_is_killed_goes_on_from_what_it_signed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from audit.witness_cli import witness_command; witness_command()()"]
    command += ["--state", str(tmp_path / "state"), "--key", str(tmp_path / "key")]
    command += ["--name", WITNESS.name, "--log", str(LOG.verifier())]
    size, keys = 0, set()
    for new in (7, 20, 64):
        port = _free_port()
        running = subprocess.Popen([*command, "--listen", f"127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        assert running.stdout is not None
        try:
            keys.add(running.stdout.readline())
            running.stdout.readline()
            connection.request("POST", "/add-checkpoint", body=grown(size, new))
            assert connection.getresponse().read().startswith("—".encode())
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait()
            running.stdout.close()
            connection.close()
        size = new
    assert len(keys) == 1
    assert re.fullmatch(rf"witness {WITNESS.name}\+[0-9a-f]{{8}}\+\S+\n", keys.pop())
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def _free_port() -> int:
    import socket  # noqa: PLC0415 - only here

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--log", "nonsense"], "malformed"),
        (["--log", str(WITNESS.verifier(COSIGNATURE))], "type 0x01"),
        (["--log", str(LOG.verifier()), "--name", ""], "not a verifier key"),
    ],
)
def test_what_is_no_key_is_said_before_anything_listens(options: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY.written()) if "--name" not in options else None
    ran = CliRunner().invoke(
        witness_command(), ["--state", str(tmp_path / "s"), "--key", str(tmp_path / "key"), *options]
    )
    assert ran.exit_code == 1
    assert said in ran.output
