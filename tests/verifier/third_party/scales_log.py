"""Checks a tiled log with the tlog-scales package and nothing of ours.

    scales_log.py DIRECTORY VKEY [OLD_CHECKPOINT]

The checkpoint must be signed by the key, the tiles must give its root, every entry must hash to its leaf, and one entry of each
bundle is proved included: its proof covers every hash of its tiles. With OLD_CHECKPOINT the log must extend it.
"""

import sys
from pathlib import Path

from tlog_scales import tiles
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tlog import Checkpoint

WIDTH = 256


def main(directory: str, vkey: str, old: str | None = None) -> None:
    """Check, and end with an exception if anything does not hold."""
    reader = TilesReader(LocalBackend(Path(directory)))
    checkpoint = _signed(reader.get_checkpoint(), vkey)
    if reader.calculate_root_hash() != checkpoint.root_hash:
        raise ValueError("the tiles give another root")
    for index in range(checkpoint.size):
        leaf = tiles.leaf_hash(reader.get_entry(index))
        if reader.mth(index, index + 1) != leaf:
            raise ValueError(f"entry {index} does not hash to its leaf")
        if index % WIDTH == 0:
            reader.get_inclusion_proof(index, checkpoint.size).check(leaf, checkpoint.root_hash)
    if old is not None:
        before = _signed(Checkpoint.from_text(Path(old).read_text(encoding="utf-8")), vkey)
        if before.size > checkpoint.size:
            raise ValueError("the log is shorter than before")
        proof = reader.get_consistency_proof(before.size, checkpoint.size)
        proof.check(before.root_hash, checkpoint.root_hash)
    print(f"verified: {checkpoint.size} entries")


def _signed(checkpoint: Checkpoint, vkey: str) -> Checkpoint:
    key = Vkey.from_string(vkey)
    if checkpoint.origin != key.name or not VkeySet(key).verify(checkpoint.signatures, checkpoint):
        raise ValueError("the checkpoint is not signed by the key")
    return checkpoint


if __name__ == "__main__":
    main(*sys.argv[1:])
