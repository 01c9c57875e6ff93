"""Proofs from a very long log take a few file reads, and the memory that a short log's take."""

import resource
import time
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from nacl.signing import SigningKey

from audit.checkpoint import ED25519, Checkpoint, Note, VerifierKey, sign
from audit.directory import LogDirectory, LogFiles
from audit.merkle import check_consistency
from audit.published import PublishedLogs
from audit.replica import Replica
from audit.tile import TilePath

ORIGIN = "log.example/drill/1"
SEED = b"\x07" * 32
KEY = VerifierKey(ORIGIN, ED25519, bytes(SigningKey(SEED).verify_key))
AT_ONCE = 65_536
PROOFS = 2_000
READS_AT_MOST = 12
"""One bundle and at most two tiles a level: a log of ten million entries has three levels of tiles."""

MEMORY_AT_MOST_MIB = 16


class _CountedReads:
    """Counts what is read of a log's files."""

    def __init__(self) -> None:
        self.count = 0
        self._read = LogFiles.read

    def __enter__(self) -> "_CountedReads":
        def read(files: LogFiles, path: TilePath) -> bytes:
            self.count += 1
            return self._read(files, path)

        LogFiles.read = read  # type: ignore[method-assign, assignment]  # for the time of the drill
        return self

    def __exit__(self, *_: object) -> None:
        LogFiles.read = self._read  # type: ignore[method-assign]  # as it was


def proofs_drill(place: Path, entries: int, seed: int) -> dict[str, Any]:
    """Make a log of `entries` and prove entries and older sizes of it, each proof checked."""
    began = time.monotonic()
    directory = LogDirectory(place / "audit")
    replica = Replica(directory.files(1))
    for start in range(0, entries, AT_ONCE):
        replica.grow([_entry(number) for number in range(start, min(start + AT_ONCE, entries))])
    checkpoint = Checkpoint(ORIGIN, entries, replica.tree.root())
    directory.files(1).publish(bytes(Note(checkpoint.text, (sign(checkpoint.text, ORIGIN, SEED),))))
    made = time.monotonic() - began
    random = Random(seed)
    _prove(directory, entries, random, PROOFS // 10)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with _CountedReads() as reads:
        spent = _prove(directory, entries, random, PROOFS)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    cuts = quantiles(spent, n=100)
    each = reads.count / (2 * PROOFS)
    return {
        "entries": entries,
        "made_per_second": round(entries / made),
        "proofs": 2 * PROOFS,
        "p50_ms": round(cuts[49] * 1000, 2),
        "p99_ms": round(cuts[98] * 1000, 2),
        "file_reads_each": round(each, 1),
        "memory_grown_mib": round(grown_mib, 1),
        "ok": each <= READS_AT_MOST and grown_mib <= MEMORY_AT_MOST_MIB,
    }


def _prove(directory: LogDirectory, entries: int, random: Random, proofs: int) -> list[float]:
    """Seconds that each proof took, of an entry and of an older size in turns, the checking aside."""
    spent = []
    for _ in range(proofs):
        index, old = random.randrange(entries), random.randrange(1, entries)
        began = time.perf_counter()
        log = PublishedLogs(directory).log()
        entry, proof = log.proof(index)
        between = time.perf_counter()
        consistency = PublishedLogs(directory).log().consistency(old, entries)
        spent += [between - began, time.perf_counter() - between]
        assert entry == _entry(index)
        assert proof.check(entry, [KEY]) == log.checkpoint
        check_consistency(
            old=old, old_root=consistency.old_root, size=entries, root=log.checkpoint.root, proof=consistency.hashes
        )
    return spent


def _entry(number: int) -> bytes:
    return b'{"rows":[%d],"tenant":1}' % number
