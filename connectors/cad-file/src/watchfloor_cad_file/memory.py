"""What was told already, as far back as memory reaches."""

from __future__ import annotations

from collections.abc import Hashable


class Memory:
    """Remembers at least the last ``size`` things and at most twice as many, by their hash."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._new: set[int] = set()
        self._old: set[int] = set()

    def __contains__(self, thing: Hashable) -> bool:
        key = hash(thing)
        return key in self._new or key in self._old

    def add(self, *things: Hashable) -> None:
        """Remember them; what was not added again for long is forgotten."""
        if len(self._new) >= self._size:
            self._new, self._old = set(), self._new
        self._new.update(map(hash, things))
