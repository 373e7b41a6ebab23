"""The tree is that of RFC 6962, and only true proofs hold."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.adapters.audit import FileHashes
from watchfloor.audit.tree import (
    EMPTY,
    Range,
    Tree,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)  # fmt: skip
from watchfloor.contracts import GiveUp

KNOWN = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Leaves and roots of the reference implementation of RFC 6962."""


def by_definition(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_definition(leaves[:k]), by_definition(leaves[k:]))


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    hashes = FileHashes(tmp_path_factory.mktemp("tree") / "tree")
    tree = Tree(hashes)
    tree.add(LEAVES)
    yield tree
    hashes.close()


LEAVES = [leaf_hash(b"record %d" % n) for n in range(300)]
SIZES = st.integers(0, len(LEAVES))


def test_the_vector_of_the_standards_page():
    tree = Range()
    for letter in (b"a", b"b", b"c"):
        tree.add(leaf_hash(letter))
    assert tree.root().hex() == "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_the_vectors_of_the_reference(size, root):
    tree = Range()
    for leaf in KNOWN[:size]:
        tree.add(leaf_hash(leaf))
    assert tree.root().hex() == root


@given(SIZES)
def test_the_root_of_any_beginning_is_the_definition_s(tree, size):
    assert tree.root(size) == by_definition(LEAVES[:size])


@given(st.data())
def test_an_inclusion_proof_holds_for_its_leaf_and_for_no_other(tree, data):
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    proof, root = tree.inclusion(index, size), tree.root(size)
    assert check_inclusion(LEAVES[index], index, size, proof, root)
    assert len(proof) <= (size - 1).bit_length()
    other = data.draw(st.integers(0, size + 1).filter(lambda n: n != index))
    assert not check_inclusion(LEAVES[index], other, size, proof, root)
    assert not check_inclusion(leaf_hash(b"another"), index, size, proof, root)
    assert not check_inclusion(LEAVES[index], index, size, [*proof, root], root)
    if proof:
        assert not check_inclusion(LEAVES[index], index, size, proof[1:], root)
        assert not check_inclusion(LEAVES[index], index, size, proof[::-1], root) or (
            proof == proof[::-1]
        )


@given(st.data())
def test_a_consistency_proof_holds_for_its_two_roots_and_for_no_others(tree, data):
    size = data.draw(SIZES)
    old = data.draw(st.integers(0, size))
    proof = tree.consistency(old, size)
    before, after = tree.root(old), tree.root(size)
    assert check_consistency(old, size, proof, before, after)
    wrong = sha256(before).digest()
    if size:
        assert not check_consistency(old, size, proof, before, wrong) or old == 0
        assert not check_consistency(old, size, proof, wrong, after)
        assert not check_consistency(old, size, [*proof, wrong], before, after)
    if proof:
        assert not check_consistency(old, size, proof[:-1], before, after)


def test_a_proof_of_nothing_is_not_believed():
    assert check_consistency(0, 0, [], EMPTY, EMPTY)
    assert not check_consistency(3, 2, [], EMPTY, EMPTY)
    assert not check_inclusion(EMPTY, 0, 0, [], EMPTY)


@given(size=st.integers(0, 40), cut=st.integers(0, 40))
def test_what_was_cut_off_can_be_added_again(tmp_path_factory, size, cut):
    hashes = FileHashes(tmp_path_factory.mktemp("cut") / "tree")
    tree = Tree(hashes)
    tree.add(LEAVES[:size])
    tree.cut(min(cut, size))
    tree.add(LEAVES[min(cut, size) : size])
    assert tree.root() == by_definition(LEAVES[:size])
    assert Tree(hashes).size == size
    hashes.close()


def test_what_it_does_not_know_it_says(tree):
    for ask in (lambda: tree.inclusion(300, 300), lambda: tree.inclusion(-1, 3),
                lambda: tree.consistency(4, 3), lambda: tree.root(301)):  # fmt: skip
        with pytest.raises(GiveUp):
            ask()
    with pytest.raises(GiveUp):
        Range(3, [base64.b64decode("AA==")])
