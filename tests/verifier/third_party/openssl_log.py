"""Checks a tiled log by OpenSSL: every hash by `openssl dgst`, the signature by `openssl pkeyutl`. Python only moves bytes.

    openssl_log.py DIRECTORY VKEY [OLD_CHECKPOINT]

All nodes of the tree are computed from the entries; every tile must be those nodes, and the root and, with OLD_CHECKPOINT, the
older root must come out. Meant for small logs: each hash is a file for a while.
"""

import base64
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

WIDTH = 256
AT_ONCE = 2_000
SHARED_MEMORY = Path("/dev/shm")
PLACE = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")


def main(directory: str, vkey: str, old: str | None = None) -> None:
    """Check, and end with an exception if anything does not hold."""
    log = Path(directory)
    size, root = _checkpoint(log / "checkpoint", vkey)
    levels = [_digests(b"\x00" + entry for entry in _entries(log, size))]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(_digests(b"\x01" + below[i] + below[i + 1] for i in range(0, len(below) - 1, 2)))
    _require(_root(levels, size) == root, "the entries give another root")
    for level in range(len(levels) // 8 + 1):
        nodes = levels[8 * level] if 8 * level < len(levels) else []
        for number in range(-(-len(nodes) // WIDTH)):
            tile = b"".join(nodes[number * WIDTH : (number + 1) * WIDTH])
            _require(_read(log, str(level), number, len(tile) // 32) == tile, f"tile {level}/{number} is another")
    if old is not None:
        before, older = _checkpoint(Path(old), vkey)
        _require(before <= size and _root(levels, before) == older, "the log does not extend the older one")
    print(f"verified: {size} entries")


def _checkpoint(path: Path, vkey: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint that OpenSSL finds signed by the key."""
    text, _, block = path.read_text(encoding="utf-8").rpartition("\n\n")
    name, key_id, material = vkey.split("+", 2)
    lines = [line.split(" ") for line in block.splitlines()]
    signatures = [base64.b64decode(line[2]) for line in lines if line[1] == name]
    signature = next((one[4:] for one in signatures if one[:4].hex() == key_id), b"")
    with tempfile.TemporaryDirectory(dir=PLACE) as place:
        files = {
            "key.der": SPKI_ED25519 + base64.b64decode(material)[1:],
            "body": f"{text}\n".encode(),
            "sig": signature,
        }
        for file, content in files.items():
            (Path(place) / file).write_bytes(content)
        how = "pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in body -sigfile sig"
        subprocess.run(["openssl", *how.split()], cwd=place, check=True, capture_output=True)
    origin, size, root = text.split("\n")
    _require(origin == name, "the checkpoint is of another log")
    return int(size), base64.b64decode(root)


def _digests(messages: Iterable[bytes]) -> list[bytes]:
    found: list[bytes] = []
    waiting: list[bytes] = []
    for message in messages:
        waiting.append(message)
        if len(waiting) == AT_ONCE:
            found += _digest(waiting)
            waiting = []
    return found + _digest(waiting)


def _digest(messages: Sequence[bytes]) -> list[bytes]:
    if not messages:
        return []
    with tempfile.TemporaryDirectory(dir=PLACE) as place:
        for number, message in zip(count(), messages):
            (Path(place) / f"{number:06d}").write_bytes(message)
        names = sorted(file.name for file in Path(place).iterdir())
        ran = subprocess.run(
            ["openssl", "dgst", "-sha256", *names], cwd=place, check=True, capture_output=True, text=True
        )
    return [bytes.fromhex(line.rpartition("= ")[2]) for line in ran.stdout.splitlines()]


def _root(levels: list[list[bytes]], size: int) -> bytes:
    """Root of the first `size` entries, from nodes that are there, larger subtrees to the left."""
    if size == 0:
        return _digest([b""])[0]
    edge: bytes | None = None
    at = size
    for level in range(size.bit_length()):
        if size >> level & 1:
            at -= 1 << level
            node = levels[level][at >> level]
            edge = node if edge is None else _digest([b"\x01" + node + edge])[0]
    assert edge is not None
    return edge


def _entries(log: Path, size: int) -> Iterable[bytes]:
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        raw = _read(log, "entries", number, width)
        for _ in range(width):
            end = 2 + int.from_bytes(raw[:2], "big")
            _require(len(raw) >= max(end, 2), f"bundle {number} is cut")
            yield raw[2:end]
            raw = raw[end:]
        _require(not raw, f"bundle {number} goes on")


def _read(log: Path, level: str, number: int, width: int) -> bytes:
    groups = f"{number % 1000:03d}"
    while number := number // 1000:
        groups = f"x{number % 1000:03d}/{groups}"
    suffix = "" if width == WIDTH else f".p/{width}"
    return (log / "tile" / level / f"{groups}{suffix}").read_bytes()


def _require(holds: bool, why: str) -> None:
    if not holds:
        raise ValueError(why)


if __name__ == "__main__":
    main(*sys.argv[1:])
