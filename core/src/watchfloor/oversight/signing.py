"""Who may review what, and what a sign-off says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from watchfloor.contracts import Refused
from watchfloor.identity import Person, Role
from watchfloor.ports.store import Micros, ReviewItem, ReviewVerdict

Teams = Mapping[str, Sequence[str]]


def may_review(person: Person, item: ReviewItem, teams: Teams) -> None:
    """Nobody reviews themselves; auditors review all others, anybody else those who are known and
    outside their own chain of command. Raises ``Refused`` (codes ``own_review``,
    ``person_unknown``, ``same_chain``)."""
    if person.id == item.person or person.handle == item.handle:
        raise Refused(
            "Nobody reviews their own look-ups.",
            code="own_review",
            remedy="Leave it to the auditor, or to somebody of another team.",
        )
    if Role.AUDITOR in person.roles:
        return
    if not item.person:
        raise Refused(
            "Nobody knows whose searches these were: they may be your own.",
            code="person_unknown",
            remedy="Leave it to the auditor.",
        )
    if not _apart(person, item, teams):
        raise Refused(
            "That is somebody of your own chain of command.",
            code="same_chain",
            remedy="Leave it to the auditor, or to somebody of another team.",
        )


def signed(
    item: ReviewItem, person: Person, verdict: ReviewVerdict, note: str, now: Micros
) -> ReviewItem:
    """The item with its verdict. Raises ``Refused`` (code ``review_signed``): a sign-off stands."""
    if item.verdict is not None:
        raise Refused("Somebody has signed this review already.", code="review_signed")
    return replace(item, verdict=verdict, by=person.id, reviewer=person.handle, at=now, note=note)


def _apart(person: Person, item: ReviewItem, teams: Teams) -> bool:
    mine, theirs = _teams(person.handle, teams), _teams(item.handle, teams)
    if not mine or not theirs:  # nobody said who commands whom: the agency is one chain
        return person.agency != item.agency
    return not mine & theirs


def _teams(handle: str, teams: Teams) -> set[str]:
    return {team for team, members in teams.items() if handle in members}
