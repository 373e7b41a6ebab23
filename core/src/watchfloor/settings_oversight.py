"""How sharply misuse is looked for: the table ``[oversight]`` of ``hub.toml``.

Every threshold is a number that somebody can explain to whoever was flagged by it. The defaults
find the reported cases (``tests/core/oversight``) at a false-alarm rate that a weekly review can
carry; ``docs/oversight.md`` gives the reason of each.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=1, le=100_000)]


class OversightSettings(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Thresholds of the detectors, and how much of a week is drawn by lot."""

    repeats: Annotated[int, Meta(ge=2, le=1000)] = 3
    """Looks at one subject without a checked case or call: the third is one too many."""
    stories: Annotated[int, Meta(ge=2, le=1000)] = 3
    """Different cases, calls or requests for which one subject is looked up by one person."""
    looks_at_one: Count = 15
    """Looks at one subject by one person, whatever was said."""
    off_hours: Count = 3
    """Looks in a week at hours at which this person hardly ever works."""
    vague: Count = 2
    """Reasons in a week that say nothing."""
    copied: Count = 5
    """Different subjects under one and the same reason."""
    stretched: Count = 5
    """Looks in a week that reach unusually far back for their purpose."""
    subjects_a_day: Count = 40
    """Different subjects in a day from which on a person is compared with the others."""
    one_by_one: Count = 10
    """Plate reads that one person opens by number in a day, and that nothing had shown them."""
    agencies: Count = 20
    """Agencies that one look reaches."""
    cameras: Count = 500
    """Cameras that one look reaches."""
    crowd: Count = 10
    """Different plates that one person looks up about one registered public event."""
    on_behalf: Count = 6
    """Requests in a window that one person works on for one other agency."""
    samples: Count = 5
    """Look-ups drawn by lot each week, at least; one per cent where that is more."""
    terms: list[str] = []
    """Words in reasons that the agency wants to read about, besides the packaged ones."""
    teams: dict[str, list[str]] = {}
    """Who works in one chain of command, by handle. Nobody reviews within their own; who is in no
    team is in one with everybody of their agency."""
