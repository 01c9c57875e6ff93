"""The log asks its witnesses, and publishes nothing that fewer than a quorum have signed."""

import http.client
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from moat_verifier import policy
from moat_verifier.note import VerifierKey

from audit.checkpoint import COSIGNATURE, Checkpoint, Note, sign
from audit.witness import Witness, WitnessKey
from audit.witness_cli import WitnessServer
from audit.witness_client import Answered, Post, TooFewWitnessesError, WitnessQuorum
from audit.witness_state import WitnessState
from tests.audit.reference import mth, proof
from tests.support.audit_log import AT, LOG, ORIGIN, Key

KEYS = [Key(f"witness.example.com/w{number}", f"witness {number}") for number in (1, 2, 3)]
LEAVES = [bytes([number]) * 32 for number in range(40)]
WITNESSES = "\n".join(
    f"witness w{n} {key.verifier(COSIGNATURE)} https://w{n}.example.com/" for n, key in enumerate(KEYS, 1)
)


def two_of_three(place: Path) -> Callable[[str], Witness]:
    """Witnesses by their host, each with its own state."""
    log = VerifierKey.parse(str(LOG.verifier()))
    made: dict[str, Witness] = {}

    def named(host: str) -> Witness:
        key = KEYS[int(host[1]) - 1]
        state = place / host
        state.mkdir(exist_ok=True)
        return made.setdefault(
            host,
            Witness(
                key=WitnessKey(key.name, key.seed),
                logs=[log],
                state=WitnessState(state),
                now=lambda: datetime.fromtimestamp(AT / 1000, UTC),
            ),
        )

    return named


class Net:
    """Delivers requests to witnesses. Those that are `down` do not answer; `answers` replaces what one says."""

    def __init__(self, place: Path) -> None:
        self._witness = two_of_three(place)
        self.down: set[str] = set()
        self.answers: dict[str, Answered] = {}
        self.calls: list[str] = []

    def post(self, url: str, body: bytes) -> Answered:
        parts = urlsplit(url)
        host = parts.hostname or ""
        self.calls.append(host)
        assert parts.path == "/add-checkpoint"
        if host in self.down:
            raise OSError
        reply = self._witness(host).add_checkpoint(body)
        return self.answers.get(host, Answered(reply.status, {"content-type": reply.media_type}, reply.body))


@pytest.fixture
def net(tmp_path: Path) -> Net:
    return Net(tmp_path)


def quorum_of(post: Post, lines: str = "group two 2 w1 w2 w3\nquorum two\n") -> WitnessQuorum:
    return WitnessQuorum(policy.parse(f"{WITNESSES}\n{lines}".encode()), post)


def ask(quorum: WitnessQuorum, size: int, leaves: list[bytes] = LEAVES) -> set[str]:
    """Names of those that signed a log of that size."""
    checkpoint = Checkpoint(ORIGIN, size, mth(leaves[:size]))
    note = Note(checkpoint.text, (sign(checkpoint.text, LOG.name, LOG.seed),))
    lines = quorum.cosign(checkpoint, note, lambda old: proof(old, leaves[:size]))
    cosigned = note.with_signatures(lines)
    for key in KEYS:
        if key.name in {line.name for line in lines}:
            assert key.verifier(COSIGNATURE).check(cosigned) == AT // 1000
    return {line.name for line in lines}


def test_all_who_answer_cosign_a_log_as_it_grows(net: Net) -> None:
    quorum = quorum_of(net.post)
    for size in (3, 8, 8, 40):
        assert ask(quorum, size) == {key.name for key in KEYS}


def test_a_new_process_learns_from_the_witnesses_where_they_are(net: Net) -> None:
    ask(quorum_of(net.post), 5)
    net.calls.clear()
    again = quorum_of(net.post)
    assert len(ask(again, 21)) == 3
    assert len(net.calls) == 6
    assert len(ask(again, 30)) == 3
    assert len(net.calls) == 9


def test_a_quorum_suffices_and_less_does_not(net: Net) -> None:
    quorum = quorum_of(net.post)
    net.down = {"w2.example.com"}
    assert ask(quorum, 3) == {KEYS[0].name, KEYS[2].name}
    net.down = {"w1.example.com", "w2.example.com"}
    with pytest.raises(TooFewWitnessesError, match="w1, w2"):
        ask(quorum, 8)
    net.down = set()
    assert len(ask(quorum, 8)) == 3


def test_a_witness_that_knows_a_larger_log_does_not_sign(net: Net) -> None:
    ask(quorum_of(net.post), 30)
    with pytest.raises(TooFewWitnessesError):
        ask(quorum_of(net.post), 20)


def test_another_history_is_cosigned_by_nobody(net: Net) -> None:
    ask(quorum_of(net.post), 10)
    with pytest.raises(TooFewWitnessesError):
        ask(quorum_of(net.post), 20, [*LEAVES[:9], *LEAVES[10:]])


@pytest.mark.parametrize(
    "answer",
    [
        Answered(200, {}, b""),
        Answered(200, {}, b"nothing\n"),
        Answered(200, {}, b"\xff"),
        Answered(200, {}, KEYS[0].cosignature("another text\n").line().encode()),
        Answered(200, {}, Key("somebody.example.com").cosignature("x\n").line().encode()),
        Answered(409, {"content-type": "text/plain"}, b"0\n"),
        Answered(409, {"content-type": "text/x.tlog.size"}, b"-1\n"),
        Answered(409, {"content-type": "text/x.tlog.size"}, b"3\n"),
        Answered(409, {"content-type": "text/x.tlog.size"}, b"\xb2\n"),
        Answered(500, {}, b""),
    ],
)
def test_an_answer_that_is_no_cosignature_counts_for_nothing(answer: Answered, net: Net) -> None:
    net.answers = {"w1.example.com": answer}
    assert ask(quorum_of(net.post), 6) == {KEYS[1].name, KEYS[2].name}
    with pytest.raises(TooFewWitnessesError):
        ask(quorum_of(net.post, "quorum w1\n"), 6)


def test_without_a_quorum_every_line_is_welcome_and_none_needed(net: Net) -> None:
    quorum = quorum_of(net.post, "quorum none\n")
    net.down = {"w1.example.com", "w2.example.com"}
    assert ask(quorum, 3) == {KEYS[2].name}
    net.down |= {"w3.example.com"}
    assert ask(quorum, 8) == set()


def test_a_quorum_that_cannot_be_asked_is_refused_at_the_start(net: Net) -> None:
    silent = f"witness w4 {Key('witness.example.com/w4', 'four').verifier(COSIGNATURE)}\nquorum w4\n"
    with pytest.raises(ValueError, match="quorum"):
        quorum_of(net.post, silent)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A witness that listens on loopback."""
    with WitnessServer(two_of_three(tmp_path)("w1.example.com"), ("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_client_and_witness_meet_over_http(address: str) -> None:
    def post(url: str, body: bytes) -> Answered:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.request("POST", urlsplit(url).path, body=body)
        answer = connection.getresponse()
        answered = Answered(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return answered

    lines = f"witness w1 {KEYS[0].verifier(COSIGNATURE)} http://{address}\nquorum w1\n"
    for size in (3, 40):
        assert ask(WitnessQuorum(policy.parse(lines.encode()), post), size) == {KEYS[0].name}
