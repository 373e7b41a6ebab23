"""The head that the hub signed last, kept in the keyring: apart from the log and all made of it.

Whoever can write the log's files can take its checkpoints away and write it anew. The hub that
starts on it then must not go on and sign that: it compares with what it knows itself. The keyring
is sealed, or at another machine; who has its key could sign for the hub anyway.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from pathlib import Path

from watchfloor.contracts import NotFound
from watchfloor.ports.world import Secrets

from . import frames
from .notes import Checkpoint, Note
from .sealing import INSTANCE
from .tree import Range

_HEAD = "head"
_CHECKPOINT, _ACCEPTED, _WHOLE = "checkpoint", "accepted", "whole"


class LastHead:
    """Of one log. All methods raise as ``Secrets`` does."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    async def read(self) -> tuple[Checkpoint | None, str | None]:
        """The head, if there is one, and who has said that the log need not carry on from it, if
        somebody has."""
        if _HEAD not in await self._secrets.names(INSTANCE):
            return None, None
        kept = await self._secrets.get(INSTANCE, _HEAD)
        note = Note.parse(kept[_CHECKPOINT].encode())
        return Checkpoint.parse(note.text), kept.get(_ACCEPTED)

    async def note(self) -> Note:
        """The head as it was signed. Raises ``NotFound`` where none is known."""
        if _HEAD not in await self._secrets.names(INSTANCE):
            raise NotFound("The keyring knows no head of a log: the hub goes on with any.")
        return Note.parse((await self._secrets.get(INSTANCE, _HEAD))[_CHECKPOINT].encode())

    async def keep(self, note: Note, *, whole: bool = False) -> None:
        """Instead of the one before. ``whole``: the hub has ended, and nothing comes after it."""
        said = {_CHECKPOINT: bytes(note).decode()}
        await self._secrets.put(INSTANCE, _HEAD, said | ({_WHOLE: "yes"} if whole else {}))

    async def is_whole(self) -> bool:
        """Whether nothing may come after the head: the hub ended with it."""
        if _HEAD not in await self._secrets.names(INSTANCE):
            return False
        return _WHOLE in await self._secrets.get(INSTANCE, _HEAD)

    async def begin(self) -> None:
        """Something may come after it from now on."""
        kept = await self._secrets.get(INSTANCE, _HEAD)
        left = {name: said for name, said in kept.items() if name != _WHOLE}
        await self._secrets.put(INSTANCE, _HEAD, left)

    async def let_go(self, by: str) -> Checkpoint | None:
        """Have the hub take the log as it lies, at its next start, on the word of ``by``; the head
        that it need not carry on from, if there is one."""
        head, _ = await self.read()
        if head is not None:
            kept = await self._secrets.get(INSTANCE, _HEAD)
            await self._secrets.put(INSTANCE, _HEAD, {**kept, _ACCEPTED: by})
        return head


def carries_on(folder: Path, head: Checkpoint) -> bool:
    """Whether the log that lies there has what was signed. Raises ``OSError``."""
    tree = Range()
    with suppress(frames.Diverged):
        for found in islice(frames.frames_from(folder, 0), head.size):
            tree.add(found.leaf)
    return (tree.size, tree.root()) == (head.size, head.root)
