"""Cassettes: a vendor's real answers and webhooks, recorded, scrubbed before they touch the disk,
and replayed in tests.

``watchfloor-sdk record`` makes one; ``CassetteSimulator`` plays it. See ``docs/cassettes.md``.
"""

from .cassette import Cassette, Exchange, Pushed, read, write
from .kinds import KINDS, Kind
from .recorder import Heard, Recorder
from .remains import remains
from .scrubber import Scrubber

__all__ = [
    "KINDS",
    "Cassette",
    "Exchange",
    "Heard",
    "Kind",
    "Pushed",
    "Recorder",
    "Scrubber",
    "read",
    "remains",
    "write",
]
