"""What the agency's policy itself wants looked at: a permit with the obligation ``review``."""

from __future__ import annotations

from collections import defaultdict
from typing import get_args

from watchfloor.contracts import Topic

from .looks import Flags, Look, Window, flag

_ELSEWHERE = {"emergency", *get_args(Topic)}
"""An override is reviewed with its request, a topic that words name is among the listed terms."""


def owed(window: Window) -> Flags:
    """Looks that policy permitted on condition that somebody looks at them afterwards."""
    by_ground: dict[tuple[str, str], list[Look]] = defaultdict(list)
    for look in window.judged:
        said = look.entry.more.get("review")
        for why in said.split(", ") if isinstance(said, str) else ():
            if why not in _ELSEWHERE:
                by_ground[look.person, why].append(look)
    for (_, why), looks in by_ground.items():
        words = f"Policy has somebody look at {len(looks)} look-ups afterwards: {why}."
        yield flag("owed", looks, words, why)
