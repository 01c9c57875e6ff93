"""The Merkle tree: the RFC's own definition, and proofs that prove nothing else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ProofError
from audit.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    perfect_subtrees,
    root_of,
    tree_root,
)
from tests.audit import reference

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(300)]
SIZES = [*range(71), 127, 128, 129, 255, 256, 257, 300]


def node(level: int, index: int) -> bytes:
    leaves = LEAVES[index << level : index + 1 << level]
    assert len(leaves) == 1 << level
    return reference.mth(leaves)


def test_the_empty_tree_has_the_root_of_the_specification() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == tree_root(0, node) == EMPTY_ROOT


@pytest.mark.parametrize("size", SIZES)
def test_roots_are_those_of_the_rfc_definition(size: int) -> None:
    assert root_of(LEAVES[:size]) == tree_root(size, node) == reference.mth(LEAVES[:size])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 64, 65, 300])
def test_every_inclusion_proof_is_that_of_the_rfc_and_is_accepted(size: int) -> None:
    root = tree_root(size, node)
    for index in range(size):
        proof = inclusion_proof(index, size, node)
        assert proof == reference.path(index, LEAVES[:size])
        check_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=root)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 13, 64, 65, 300])
def test_every_consistency_proof_is_that_of_the_rfc_and_is_accepted(size: int) -> None:
    root = tree_root(size, node)
    for old in range(size + 1):
        proof = consistency_proof(old, size, node)
        assert proof == ([] if old == 0 else reference.proof(old, LEAVES[:size]))
        check_consistency(old=old, old_root=tree_root(old, node), size=size, root=root, proof=proof)


@given(st.data())
def test_an_inclusion_proof_proves_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node)
    root = tree_root(size, node)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index)) if size > 1 else 0
    wrong = [
        {"leaf": leaf_hash(b"another"), "index": index, "size": size, "proof": proof, "root": root},
        {"leaf": LEAVES[index], "index": index, "size": size, "proof": [*proof, root], "root": root},
        {"leaf": LEAVES[index], "index": index, "size": size, "proof": proof, "root": LEAVES[0][::-1]},
        {"leaf": LEAVES[index], "index": size, "size": size, "proof": proof, "root": root},
    ]
    if proof:
        flipped = [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]
        wrong += [
            {"leaf": LEAVES[index], "index": index, "size": size, "proof": proof[:-1], "root": root},
            {"leaf": LEAVES[index], "index": index, "size": size, "proof": flipped, "root": root},
            {"leaf": LEAVES[index], "index": other, "size": size, "proof": proof, "root": root},
        ]
    for arguments in wrong:
        with pytest.raises(ProofError):
            check_inclusion(arguments.pop("leaf"), **arguments)  # type: ignore[arg-type]  # a table of keyword arguments


@given(st.data())
def test_a_consistency_proof_proves_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, size - 1))
    proof = consistency_proof(old, size, node)
    root, old_root = tree_root(size, node), tree_root(old, node)
    flipped = [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]
    for wrong in (proof[:-1], [*proof, root], flipped, []):
        with pytest.raises(ProofError):
            check_consistency(old=old, old_root=old_root, size=size, root=root, proof=wrong)
    with pytest.raises(ProofError):
        check_consistency(old=old, old_root=root, size=size, root=root, proof=proof)
    with pytest.raises(ProofError):
        check_consistency(old=size, old_root=old_root, size=size, root=root, proof=[])
    with pytest.raises(ProofError):
        check_consistency(old=size + 1, old_root=old_root, size=size, root=root, proof=proof)


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 40))
def test_perfect_subtrees_cover_a_range_once(begin: int, length: int) -> None:
    covered = [(index << level, (index + 1) << level) for level, index in perfect_subtrees(begin, begin + length)]
    assert all(left[1] == right[0] for left, right in pairwise(covered))
    assert not covered or (covered[0][0], covered[-1][1]) == (begin, begin + length)


def test_proofs_of_what_is_not_there_are_refused() -> None:
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(ProofError):
            inclusion_proof(index, size, node)
    with pytest.raises(ProofError):
        consistency_proof(6, 5, node)
