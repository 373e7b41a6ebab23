"""Two ids that may be one person: who made a break-glass account knows its password, and could sign
in with it to agree to what they asked themselves, or ask with it what they agree to then."""

from __future__ import annotations

from watchfloor.contracts import Refused

from .routes import Call


def check_another(call: Call, first: str) -> None:
    """Raises ``Refused`` (code ``own_approval``) where whoever calls may be who asked (their id)
    under another name. That an id agrees to nothing of its own is said where it is kept."""
    behind, here = call.hub.break_glass.behind, call.person.id
    if here != first and behind(here) & behind(first):
        raise Refused(
            "Who made a break-glass account counts as one person with it.",
            code="own_approval",
            remedy="Ask somebody else to answer it.",
        )
