"""The Merkle tree of the log: RFC 6962, section 2.1 (RFC 9162, section 2.1), over SHA-256.

    leaf        SHA-256(0x00 ‖ entry)
    node        SHA-256(0x01 ‖ left ‖ right), each 32 octets
    no entries  SHA-256("")
    split       a tree of n > 1 leaves has the largest power of two smaller than n on its left

The shape follows from the number of leaves alone. A *node* `(level, index)` is the root of the perfect subtree over the leaves
[index · 2^level, (index + 1) · 2^level); it never changes once it is full, and every proof is made of nodes. Proofs are lists of
hashes in the order of the RFC: from the leaf's side to the root.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from audit.errors import ProofError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree (level, index)."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The leaf hashes of many entries, in their order."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over hashes of one level, left to right. An odd last one moves up as it is, which is the RFC's split."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level += odd
    return level[0]


def tree_root(size: int, node: Node) -> bytes:
    """Root of the first `size` leaves."""
    return _range_root(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]): RFC 9162, section 2.1.3.1.

    Raises:
        ProofError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError("the tree has no such leaf")
    begin, end = 0, size
    path = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """PROOF(old, D[size]): RFC 9162, section 2.1.4.1. Empty for an empty old tree and for equal sizes.

    Raises:
        ProofError: the old tree is larger.
    """
    if not 0 <= old <= size:
        raise ProofError("the old tree is larger than the new one")
    if old in {0, size}:
        return []
    begin, end = 0, size
    path = []
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(begin, middle, node))
            begin = middle
    if begin > 0:
        path.append(_range_root(begin, end, node))
    return path[::-1]


class Step(NamedTuple):
    """A node on the way from a leaf to the root: its sibling below, whether that stands left, and the node that both make."""

    sibling: bytes
    left: bool
    node: bytes


def check_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Make sure that `leaf` is the leaf `index` of the tree: RFC 9162, section 2.1.3.2.

    Raises:
        ProofError: the proof does not show it.
    """
    if not 0 <= index < size:
        raise ProofError("the tree has no such leaf")
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or computed != root:
        raise ProofError("the proof does not lead to the root")


def inclusion_path(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> Iterator[Step]:
    """How a proof leads from a leaf upwards, node by node, as `check_inclusion` goes; the last is the root of a right proof."""
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        left = bool(position & 1) or position == last
        computed = node_hash(sibling, computed) if left else node_hash(computed, sibling)
        yield Step(sibling, left, computed)
        while left and not position & 1 and position:
            position, last = position >> 1, last >> 1
        position, last = position >> 1, last >> 1


def check_consistency(*, old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Make sure that the tree of `size` leaves begins with that of `old`: RFC 9162, section 2.1.4.2.

    Raises:
        ProofError: the proof does not show it.
    """
    if not 0 <= old <= size:
        raise ProofError("the old tree is larger than the new one")
    if old in {0, size}:
        if proof or (old == size and old_root != root) or (old == 0 and old_root != EMPTY_ROOT):
            raise ProofError("trees of these sizes need no proof, and their roots must be what they are")
        return
    position, last = old - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    hashes = list(proof) if position else [old_root, *proof]
    if not hashes:
        raise ProofError("the proof is empty")
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or before != old_root or after != root:
        raise ProofError("the proof does not lead from the old root to the new one")


def perfect_subtrees(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """The nodes (level, index) that cover [begin, end) left to right, as few as there can be."""
    while begin < end:
        aligned = (begin & -begin).bit_length() - 1 if begin else 64
        level = min(aligned, (end - begin).bit_length() - 1)
        yield level, begin >> level
        begin += 1 << level


def fold(subtrees: Sequence[bytes]) -> bytes:
    """Root over perfect subtrees of falling size, left to right."""
    computed = subtrees[-1]
    for left in subtrees[-2::-1]:
        computed = node_hash(left, computed)
    return computed


def _range_root(begin: int, end: int, node: Node) -> bytes:
    """MTH(D[begin:end]) where `begin` is where a split of the tree falls, so that the subtrees fall in size."""
    return fold([node(level, index) for level, index in perfect_subtrees(begin, end)])


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
