"""The memory of a process, and the keys that could be in it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

KEY_BYTES = 32
STEP = 8
"""Allocators begin nothing at an address that is no multiple of this."""
_AT_ONCE = 1 << 22
_READ = """
import sys
from pathlib import Path
process = sys.argv[1]
with open(f"/proc/{process}/mem", "rb", 0) as memory:
    for line in Path(f"/proc/{process}/maps").read_text().splitlines():
        place, rights, *_ = line.split()
        first, end = (int(half, 16) for half in place.split("-"))
        if "rw" not in rights:
            continue
        try:
            memory.seek(first)
            while first < end and (piece := memory.read(min(end - first, 1 << 16))):
                if piece.count(0) < len(piece):
                    sys.stdout.buffer.write(piece)
                first += len(piece)
        except OSError:
            continue
"""
"""Run by whoever may look: a service forbids that to everybody but root."""


def memory_of(process: int, into: Path) -> bytes:
    """All that a process can write to in its memory."""
    command = [sys.executable, "-c", _READ, str(process)]
    with into.open("wb") as dumped:
        ended = subprocess.run(command, stdout=dumped, stderr=subprocess.DEVNULL, check=False)
        if ended.returncode:
            subprocess.run(["sudo", "-n", *command], stdout=dumped, check=True)
    return into.read_bytes()


def candidates(octets: bytes) -> Iterator[bytes]:
    """What could be a key of 32 random octets: few zeros, as many high octets as low ones, hardly any octet twice."""
    for start in range(0, len(octets), _AT_ONCE):
        piece = np.frombuffer(octets[start : start + _AT_ONCE + KEY_BYTES], dtype=np.uint8)
        if len(piece) < KEY_BYTES:
            return
        windows = np.lib.stride_tricks.sliding_window_view(piece, KEY_BYTES)[::STEP]
        high = _counted(piece >= 128)[::STEP]
        zeros = _counted(piece == 0)[::STEP]
        likely = windows[(high >= 5) & (high <= 27) & (zeros <= 3)]
        distinct = (np.diff(np.sort(likely, axis=1), axis=1) != 0).sum(axis=1) + 1
        yield from {bytes(one) for one in likely[distinct >= 24]}


def _counted(marks: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """How many marks each window has."""
    sums = np.concatenate(([0], np.cumsum(marks)))
    return np.asarray(sums[KEY_BYTES:] - sums[:-KEY_BYTES])
