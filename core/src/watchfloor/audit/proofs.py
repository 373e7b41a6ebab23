"""Proof files: one record, and that it is in the log, to be checked by anybody, off line.

c2sp.org/tlog-proof@v1. The ``extra`` line carries the record itself, so that the file and the
log's public key are all that a court needs.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from watchfloor.contracts import GiveUp

from .notes import Checkpoint, Note, Verifier, decimal, signed_by, unbase64
from .tree import check_inclusion, leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"


@dataclass(frozen=True)
class Proof:
    """That ``entry`` is record ``index`` of the log whose checkpoint is ``note``."""

    entry: bytes
    index: int
    hashes: tuple[bytes, ...]
    note: Note

    @staticmethod
    def parse(content: bytes) -> Proof:
        """Raises ``GiveUp`` (code ``bad_note``, ``bad_proof``)."""
        head, blank, note = content.partition(b"\n\n")
        try:
            header, extra, index, *hashes = head.decode().split("\n")
        except ValueError:
            raise _bad("it is too short") from None
        if not blank or header != HEADER:
            raise _bad(f"it does not begin with {HEADER}")
        if not extra.startswith("extra ") or not index.startswith("index "):
            raise _bad("it does not carry its record")
        return Proof(
            unbase64(extra.removeprefix("extra ")),
            decimal(index.removeprefix("index ")),
            tuple(map(unbase64, hashes)),
            Note.parse(note),
        )

    def __bytes__(self) -> bytes:
        lines = [
            HEADER,
            f"extra {base64.b64encode(self.entry).decode()}",
            f"index {self.index}",
            *(base64.b64encode(each).decode() for each in self.hashes),
        ]
        return "\n".join(lines).encode() + b"\n\n" + bytes(self.note)

    def check(self, known: Iterable[Verifier]) -> Checkpoint:
        """The checkpoint that it leads to. Raises ``GiveUp`` when it does not
        (``bad_proof``), or none of the known keys signed that (``bad_note_signature``)."""
        checkpoint = Checkpoint.parse(self.note.text)
        if not any(key.name == checkpoint.origin for key in signed_by(self.note, known)):
            raise _bad("its checkpoint is not signed by the key of its log")
        leaf = leaf_hash(self.entry)
        if not check_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root):
            raise _bad("it does not lead to the signed root")
        return checkpoint


def _bad(why: str) -> GiveUp:
    return GiveUp(f"This proof does not hold: {why}.", code="bad_proof")
