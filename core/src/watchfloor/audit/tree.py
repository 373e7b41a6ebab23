"""The Merkle tree over the records (RFC 6962, section 2.1): roots and proofs, made and checked.

Hashes of complete subtrees are kept in the order in which they become complete: a leaf, then every
subtree that it completes. That order never changes, so that one append-only file holds the tree,
and every proof reads about log2(size) hashes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from watchfloor.contracts import GiveUp
from watchfloor.ports.audit import Hashes

EMPTY = sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962, section 2.1: the 0 keeps leaves and nodes apart."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


class Range:
    """The roots of the complete subtrees that make up the leaves from 0 on, largest first: all
    that is needed to go on and to say the root."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        if len(roots) != size.bit_count():
            raise GiveUp("These are not the subtrees of that size.", code="bad_proof")
        self.size = size
        self.roots = list(roots)

    def add(self, leaf: bytes) -> list[bytes]:
        """Append a leaf's hash; it and the subtrees that it completes, smallest first."""
        made = [leaf]
        full = self.size
        while full & 1:
            leaf = sha256(b"\1" + self.roots.pop() + leaf).digest()
            made.append(leaf)
            full >>= 1
        self.roots.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        """The root over all leaves."""
        return _joined(self.roots)


class Tree:
    """The tree in its storage. Not for several threads at once."""

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = hashes
        self.size = _leaves(len(hashes))
        self.cut(self.size)

    def add(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes."""
        made: list[bytes] = []
        for leaf in leaves:
            made += self._range.add(leaf)
        self._hashes.append(b"".join(made))
        self.size = self._range.size

    def cut(self, size: int) -> None:
        """Keep the first ``size`` leaves only."""
        self._hashes.cut(_stored(size))
        self.size = size
        self._range = self.range(size)

    def sync(self) -> None:
        """Make what was added durable."""
        self._hashes.sync()

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` leaves; over all, when left out."""
        return self._range.root() if size is None else self.range(size).root()

    def range(self, size: int) -> Range:
        """The subtrees of the first ``size`` leaves."""
        self._known(size)
        return Range(size, [self._node(*each) for each in _subtrees(0, size)])

    def leaf(self, index: int) -> bytes:
        """The hash of a leaf."""
        self._known(index + 1)
        return self._node(0, index)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """RFC 6962, section 2.1.1: that leaf ``index`` is in the tree of ``size`` leaves."""
        if not 0 <= index < size:
            raise GiveUp(f"There is no record {index} among the first {size}.", code="bad_proof")
        self._known(size)
        return [self._span(*span) for span in _inclusion(index, 0, size)]

    def consistency(self, old: int, size: int) -> list[bytes]:
        """RFC 6962, section 2.1.2: that the tree of ``old`` leaves is the beginning of this."""
        if not 0 <= old <= size:
            raise GiveUp(f"{old} is more than {size}.", code="bad_proof")
        self._known(size)
        if old in (0, size):
            return []
        return [self._span(*span) for span in _consistency(old, 0, size, whole=True)]

    def _span(self, start: int, end: int) -> bytes:
        return _joined([self._node(*each) for each in _subtrees(start, end)])

    def _node(self, level: int, index: int) -> bytes:
        return self._hashes.read(_place(level, index))

    def _known(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise GiveUp(f"The log has {self.size} records, not {size}.", code="bad_proof")


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether the proof leads from the leaf's hash to the root. RFC 9162, section 2.1.3.2 (the
    algorithm; the tree is the same)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def check_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> bool:
    """Whether the proof leads from the old root to the new. RFC 9162, section 2.1.4.2."""
    if old == size:
        return not proof and old_root == root
    if old == 0:
        return not proof and old_root == EMPTY
    if not proof or old > size:
        return False
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == root


def _joined(roots: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees, largest first."""
    if not roots:
        return EMPTY
    *others, root = roots
    for left in reversed(others):
        root = node_hash(left, root)
    return root


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def _inclusion(index: int, start: int, end: int) -> list[tuple[int, int]]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_inclusion(index, start, middle), (middle, end)]
    return [*_inclusion(index, middle, end), (start, middle)]


def _consistency(old: int, start: int, end: int, whole: bool) -> list[tuple[int, int]]:
    """``whole``: the old tree is this very part, so that its root is known already."""
    if old == end:
        return [] if whole else [(start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_consistency(old, start, middle, whole), (middle, end)]
    return [*_consistency(old, middle, end, False), (start, middle)]


def _subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees, as (level, index), of the leaves from ``start`` to ``end``. ``start``
    is where a subtree of at least that many leaves begins."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _place(level: int, index: int) -> int:
    """Where the root of a complete subtree stands in the order of completion."""
    last = (index + 1 << level) - 1
    return _stored(last) + level


def _stored(size: int) -> int:
    """How many hashes a tree of ``size`` leaves has stored."""
    return 2 * size - size.bit_count()


def _leaves(stored: int) -> int:
    """The most leaves that so many stored hashes are enough for."""
    size = stored // 2
    while _stored(size + 1) <= stored:
        size += 1
    return size
