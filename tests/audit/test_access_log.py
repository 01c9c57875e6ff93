"""The index from pseudonyms to entries: complete, and small in files."""

from pathlib import Path

import pytest

from audit.access_log import DIRECTORY, SubjectIndex
from audit.directory import LogFiles
from audit.entry import Act, Action, Actor, ActorKind, Behalf, Group, Outcome, SubjectRef
from audit.event_id import uuid7
from audit.merkle import leaf_hash
from audit.tile import TilePath, encode_bundle
from audit.tree import GrowingTree


def ref(number: int) -> SubjectRef:
    return SubjectRef(f"{number:08d}".ljust(22, "A"))


class Files:
    """A log's files whose entries each name the people that a test says."""

    def __init__(self, root: Path) -> None:
        self.files = LogFiles(root / "1")
        self.index = SubjectIndex(self.files)
        self._entries: list[bytes] = []
        self._tree = GrowingTree()

    def append(self, *entries: list[int]) -> None:
        listed = [b",".join(b'"%s"' % ref(n).encode() for n in people) for people in entries]
        self.append_bodies(*[b'{"subjects":[%s]}' % people for people in listed])

    def append_bodies(self, *bodies: bytes) -> None:
        first = len(self._entries) // 256
        self._entries += bodies
        tiles = list(self._tree.append([leaf_hash(body) for body in bodies]))
        for number in range(first, -(-len(self._entries) // 256)):
            bundle = self._entries[number * 256 : (number + 1) * 256]
            tiles.append((TilePath(None, number, len(bundle)), encode_bundle(bundle)))
        self.files.write(tiles)

    def extend(self) -> None:
        self.index.extend(len(self._entries))


@pytest.fixture
def log(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_every_entry_that_names_a_person_is_found(log: Files) -> None:
    log.append([1, 2], [3], [], [2, 2])
    log.extend()
    assert [log.index.find([ref(n)]) for n in (1, 2, 3, 4)] == [[0], [0, 3], [1], []]
    assert log.index.find([ref(1), ref(3)]) == [0, 1]


def test_whom_the_act_was_done_for_is_found_as_well(log: Files) -> None:
    def entry(*people: int, on_behalf: int | None = None) -> bytes:
        behalf = Behalf("courier", None if on_behalf is None else ref(on_behalf))
        group = Group(Outcome.DONE, subjects=[ref(n) for n in people])
        act = Act(Action.DETOKENIZE, Actor(ActorKind.SYSTEM), 1, 0, str(uuid7(0)), [group], behalf=behalf)
        return act.entries(str(uuid7(0)))[0]

    log.append_bodies(entry(1, 2, on_behalf=2), entry(on_behalf=3), entry(), entry(4))
    log.extend()
    assert [log.index.find([ref(n)]) for n in range(1, 6)] == [[0], [0], [1], [3], []]


def test_segments_are_merged_and_lose_nothing(log: Files) -> None:
    for start in range(300):
        log.append([start % 7, 1_000 + start])
        log.extend()
    assert log.index.covers() == 300
    assert log.index.find([ref(3)]) == [n for n in range(300) if n % 7 == 3]
    assert all(log.index.find([ref(1_000 + n)]) == [n] for n in range(0, 300, 17))
    assert len(list((log.files.root / DIRECTORY).iterdir())) < 16


def test_what_a_kill_left_behind_is_passed_over(log: Files) -> None:
    for start in range(9):
        log.append([start])
        log.extend()
    directory = log.files.root / DIRECTORY
    whole = min(directory.iterdir())
    (directory / f"{0:015d}-{99:015d}-7").write_bytes(b"cut by a loss of power")
    (directory / f".{whole.name}.123").write_bytes(b"half")
    assert log.index.find([ref(0)]) == [0]
    assert log.index.covers() == 9


def test_a_lost_segment_is_built_anew(log: Files) -> None:
    log.append([1], [2], [1])
    log.extend()
    for path in (log.files.root / DIRECTORY).iterdir():
        path.unlink()
    assert log.index.find([ref(1)]) == []
    log.extend()
    assert log.index.find([ref(1)]) == [0, 2]
