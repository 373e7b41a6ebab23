"""What every screen says on top, as that nothing here is real. It outlasts the hub's process."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from watchfloor.ports.store import Ledger

_LEDGER = "banner_set"


class Banner(Struct):
    """What every screen says on top."""

    text: str
    tone: str


async def banner_of(ledger: Ledger) -> Banner | None:
    """The one that was set last, unless it was taken away."""
    for note in await ledger.notes(_LEDGER, 1):
        return msgspec.convert(note["what"]["banner"], Banner | None)
    return None


async def keep_banner(ledger: Ledger, banner: Banner | None, by: str) -> None:
    """``None``: it is taken away."""
    await ledger.note(_LEDGER, by, {"banner": msgspec.to_builtins(banner)})
