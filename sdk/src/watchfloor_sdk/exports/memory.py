"""What was told already, as far back as memory reaches."""

from __future__ import annotations

from collections.abc import Hashable, Iterable


class Memory:
    """Remembers at least the last ``size`` things and at most twice as many, by their hash.

    What was noted counts once it is settled: only then is it known to be durable.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._noted: list[int] = []
        self._new: set[int] = set()
        self._old: set[int] = set()

    def __contains__(self, thing: Hashable) -> bool:
        key = hash(thing)
        return key in self._new or key in self._old

    def note(self, things: Iterable[Hashable]) -> None:
        """These go out now."""
        self._noted += map(hash, things)

    def settle(self, *, durable: bool) -> None:
        """What was noted arrived, or has to go out again."""
        if durable:
            if len(self._new) >= self._size:
                self._new, self._old = set(), self._new
            self._new.update(self._noted)
        self._noted.clear()
